#!/bin/sh
# Builds every policy of this directory with the program's own `policy build` and records the digests.
# The pinned toolchain (rust-toolchain.toml) makes the bytes the same on every machine.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet
for policy in business-hours health mann-whitney quota schema sequential slo thresholds; do
    "${CARGO_TARGET_DIR:-target}/debug/rollgate" policy build --locked --output "policies/$policy.wasm" "policies/$policy"
done
cd policies
sha256sum -- *.wasm > SHA256SUMS
