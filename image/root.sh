#!/usr/bin/env bash
# Lays out the files of the image beneath target/image/root.
#
#   image/root.sh [BINARY]     default: target/release/rollgate
#
# Takes the libraries that the binary is linked to, busybox and the certificates from this system, so the same binary
# on the same system gives the same files. Needs Debian's or Ubuntu's busybox-static and ca-certificates.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${1:-target/release/rollgate}
root=target/image/root

fail() {
  printf 'image/root.sh: %s\n' "$@" >&2
  exit 1
}

[ -x "$binary" ] || fail "there is no $binary" "build it: cargo build --locked --release --features attestations"
busybox=$(command -v busybox) || fail "missing: busybox" "run as root: apt-get install busybox-static"
! ldd "$busybox" >/dev/null 2>&1 || fail "$busybox is not static" "run as root: apt-get install busybox-static"
certificates=/etc/ssl/certs/ca-certificates.crt
[ -s "$certificates" ] || fail "missing: $certificates" "run as root: apt-get install ca-certificates"

rm -rf "$root"
# What a mask of the caller's would leave out must not depend on the caller.
umask 022
mkdir -p "$root"/{bin,dev,etc/ssl/certs,github,home,lib,proc,root,run,sbin,sys,usr/bin,usr/local/bin,usr/sbin,var/tmp}
mkdir -m 1777 "$root/tmp"

install -m 755 "$binary" "$root/usr/local/bin/rollgate"
install -m 755 image/rollgate-action image/rollgate-settle "$root/usr/local/bin/"
install -m 755 "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
install -m 644 "$certificates" "$root/$certificates"

# The loader and the libraries, at the places where the binary looks for them. Since glibc 2.34 files and DNS of
# nsswitch.conf are inside of libc itself.
ldd "$binary" | sed -n 's/^.*=> \(\/[^ ]*\) (.*$/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\) (.*$/\1/p' | sort -u |
  while read -r library; do
    mkdir -p "$root/$(dirname "$library")"
    install -m 755 "$(readlink -f "$library")" "$root/$library"
  done
for needed in libc.so.6 ld-linux; do
  find "$root" -name "$needed*" | grep -q . || fail "no $needed among the libraries of $binary"
done

printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
