#!/usr/bin/env bash
# Builds the image with buildah: the same inputs give the same bytes.
#
#   image/build.sh [--binary FILE] [--tag NAME]
#
# Prints the id of the image. SOURCE_DATE_EPOCH sets the time that all files and the image have; default 0.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=target/release/rollgate
tag=localhost/rollgate:dev
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=${2:?--binary needs a file} && shift 2 ;;
    --tag) tag=${2:?--tag needs a name} && shift 2 ;;
    *) echo "image/build.sh: unknown argument: $1; see the head of this file" >&2 && exit 2 ;;
  esac
done

command -v buildah >/dev/null || {
  printf 'image/build.sh: %s\n' "missing: buildah" "run as root: apt-get install --no-install-recommends buildah runc" >&2
  exit 1
}

image/root.sh "$binary"
# chroot: no process runs in this build, and it needs no runtime and no network. The format of OCI has no field with the id
# of the container that was used to build.
buildah bud --quiet --isolation chroot --format oci --layers=false --timestamp "${SOURCE_DATE_EPOCH:-0}" \
  --tag "$tag" .
