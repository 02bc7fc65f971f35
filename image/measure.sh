#!/usr/bin/env bash
# Measures an image: its compressed size, and how long it takes to start.
#
#   image/measure.sh [IMAGE]     default: localhost/rollgate:dev
#
# Prints one line for each figure. Fails where the compressed size is not below 40 MB.
set -euo pipefail

image=${1:-localhost/rollgate:dev}
limit=40000000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a registry keeps and a runner pulls: the layers, gzipped.
podman save --quiet --format oci-archive --output "$work/image.tar" "$image"
mkdir "$work/image"
tar -xf "$work/image.tar" -C "$work/image"
size=$(find "$work/image/blobs" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
printf 'compressed size  %5.1f MB\n' "$(awk "BEGIN { print $size / 1000000 }")"

# The median of five, in milliseconds.
median() {
  local started ended
  for _ in 1 2 3 4 5; do
    started=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    ended=$(date +%s%N)
    echo $(((ended - started) / 1000000))
  done | sort -n | sed -n 3p
}

printf 'empty container  %5d ms  (true)\n' "$(median podman run --rm --network none --entrypoint /bin/true "$image")"
printf 'container start  %5d ms  (rollgate --version)\n' "$(median podman run --rm --network none "$image" --version)"

# A step of a workflow with nothing to do but to say so: an input that is no command.
mkdir -p "$work/commands"
touch "$work/commands/output" "$work/commands/summary" "$work/commands/state"
printf 'action run       %5d ms  (inputs read, outputs and summary written)\n' "$(
  median podman run --rm --network none --entrypoint /usr/local/bin/rollgate-action \
    -e GITHUB_OUTPUT=/commands/output -e GITHUB_STEP_SUMMARY=/commands/summary -e GITHUB_STATE=/commands/state \
    -e INPUT_COMMAND=none -v "$work/commands:/commands" "$image"
)"

[ "$size" -lt "$limit" ] || { echo "image/measure.sh: the image has $size bytes, $limit or more" >&2 && exit 1; }
