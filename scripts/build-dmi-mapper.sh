#!/bin/sh
# Builds the test program test/e2e/clients/dmi-mapper on Debian's grpc-go into .tools/dmi-mapper.
# Needs golang-go, golang-google-grpc-dev and protobuf-compiler as Debian 12 has them.
set -eu
cd "$(dirname -- "$0")/.."
program=$PWD/.tools/dmi-mapper
source=$PWD/test/e2e/clients/dmi-mapper/main.go
protocol=$PWD/test/integration/mappers/dmi.proto
if [ -x "$program" ] && [ -z "$(find "$source" "$protocol" -newer "$program")" ]; then exit 0; fi

mkdir -p .tools
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$work/src/dmi" "$work/src/dmi-mapper"
export CGO_ENABLED=0 GO111MODULE=off GOCACHE="$work/cache" GOFLAGS= GOPATH="$work:/usr/share/gocode"
# The generator of the same version as the library that its code needs.
go build -o "$work/protoc-gen-go" github.com/golang/protobuf/protoc-gen-go
# Where protoc looks for it, which comes without.
mkdir -p "$work/include/google/protobuf"
cp /usr/share/gocode/src/github.com/golang/protobuf/ptypes/any/any.proto "$work/include/google/protobuf/"
protoc --plugin="$work/protoc-gen-go" -I "${protocol%/*}" -I "$work/include" --go_out=plugins=grpc,import_path=dmi:"$work/src/dmi" "$protocol"
cp "$source" "$work/src/dmi-mapper/"
go build -ldflags='-s -w' -o "$program" dmi-mapper
