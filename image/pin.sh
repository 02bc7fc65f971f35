#!/usr/bin/env bash
# Makes action.yml name a published image by its digest.
#
#   image/pin.sh ghcr.io/OWNER/rollgate@sha256:DIGEST
set -euo pipefail
cd "$(dirname "$0")/.."

reference=${1:-}
if ! [[ $reference =~ ^[a-z0-9][a-z0-9.:-]*(/[a-z0-9][a-z0-9._-]*)+@sha256:[0-9a-f]{64}$ ]]; then
  echo "image/pin.sh: \`$reference\` is no image with a digest, such as ghcr.io/owner/rollgate@sha256:…" >&2
  exit 2
fi
grep -qx '  image: .*' action.yml || { echo "image/pin.sh: action.yml has no line \`  image: …\`" >&2 && exit 1; }
# The reference has no character that means anything in a replacement but the bar, which it cannot contain.
sed -i "s|^  image: .*|  image: docker://$reference|" action.yml
