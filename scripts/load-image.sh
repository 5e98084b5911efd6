#!/bin/sh
# Loads an image into the site's Docker from a tar: one written by `docker save`, or a plain root file system.
#   scripts/load-image.sh app.tar                 a `docker save` archive keeps its names
#   scripts/load-image.sh rootfs.tar app:1.0      a file system becomes the image app:1.0
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: $0 FILE.tar [NAME:TAG]" >&2
  exit 2
fi
[ -r "$1" ] || { echo "load-image: cannot read $1" >&2; exit 1; }

# The archive of `docker save` lists its images in manifest.json; a file system has no such file at its top.
if tar -tf "$1" | grep -qx 'manifest.json'; then
  docker load --input "$1"
elif [ $# -eq 2 ]; then
  docker import "$1" "$2"
else
  echo "load-image: $1 is a plain file system: name the image, as in $0 $1 app:1.0" >&2
  exit 2
fi
