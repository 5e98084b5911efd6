#!/bin/sh
# Compiles pause.c for both architectures into src/edged/pause/pause-binaries.ts, which is kept in the repository so that
# a site needs no compiler. Made with Debian 12's gcc and gcc-aarch64-linux-gnu (12.2): the same compiler, the same bytes.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags='-Os -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-stack-protector -fno-pie -no-pie
  -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -fno-ident -nostdlib -static -s
  -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack'
# shellcheck disable=SC2086 # the flags are words
x86_64-linux-gnu-gcc $flags -o "$work/amd64" pause.c
# shellcheck disable=SC2086
aarch64-linux-gnu-gcc $flags -o "$work/arm64" pause.c
{
  echo '/** The sandbox program as `build/pause/build.sh` made it from `build/pause/pause.c`: ELF, base64. @facts */'
  echo 'export const PAUSE_BINARIES = {'
  for architecture in amd64 arm64; do
    printf "  %s:\n    '%s',\n" "$architecture" "$(base64 -w0 "$work/$architecture")"
  done
  echo '} as const;'
} > ../../src/edged/pause/pause-binaries.ts
