#!/bin/sh
# Builds the test program test/e2e/clients/go with the client-go of Debian's kubernetes source package into .tools/go-client.
# Needs golang-go. The binary is static, so that it also runs in an image that holds nothing else.
set -eu
cd "$(dirname -- "$0")/.."
program=$PWD/.tools/go-client
sources=$PWD/test/e2e/clients/go
if [ -x "$program" ] && [ -z "$(find "$sources" -newer "$program")" ]; then exit 0; fi

mkdir -p .tools
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
# apt downloads as the user _apt, who must be able to enter the folder.
chmod 755 "$work"

# This machine's own package sources, asked for source packages.
mkdir "$work/sources" "$work/lists"
for list in /etc/apt/sources.list.d/*.sources; do
  if [ -f "$list" ]; then sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/sources/${list##*/}"; fi
done
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  if [ -f "$list" ]; then sed -n 's/^deb /deb-src /p' "$list" >"$work/sources/${list##*/}.list"; fi
done
apt_source() {
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources" -o "Dir::State::Lists=$work/lists" "$@"
}
apt_source update
(cd "$work" && apt_source source --download-only kubernetes >/dev/null)

tree=$work/go/src/k8s.io/kubernetes
mkdir -p "$tree"
tar xzf "$work"/kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1
mkdir "$tree/cmd/go-client"
cp "$sources"/*.go "$tree/cmd/go-client/"
cd "$tree"
CGO_ENABLED=0 GOPATH=$work/go GO111MODULE=off GOCACHE=$work/cache GOFLAGS= \
  go build -ldflags='-s -w' -o "$program" k8s.io/kubernetes/cmd/go-client
