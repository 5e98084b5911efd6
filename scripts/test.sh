#!/bin/sh
# Everything that CI runs: installs what is missing, checks, tests, and takes away what it made. As root, on Debian or Ubuntu.
# Arguments pick tiers or files: scripts/test.sh unit; scripts/test.sh test/e2e/main-job.test.ts
set -eu
cd "$(dirname -- "$0")/.."

if [ "$(id -u)" != 0 ]; then
  echo "test.sh: needs root for Docker and packages: sudo ./scripts/test.sh" >&2
  exit 1
fi

dockerd_pid=
finish() {
  if [ -n "$dockerd_pid" ]; then
    kill "$dockerd_pid" 2>/dev/null || true
    wait "$dockerd_pid" 2>/dev/null || true
  fi
}
trap finish EXIT
trap 'exit 130' INT TERM

missing=
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need npm npm
need dockerd docker.io
need iptables iptables
need mosquitto mosquitto
need mosquitto_pub mosquitto-clients
need unzip unzip
need curl curl
need openssl openssl
need git git
need ip iproute2
need go golang-go
need protoc protobuf-compiler
[ -d /usr/share/gocode/src/google.golang.org/grpc ] || missing="$missing golang-google-grpc-dev"
[ -d /usr/lib/python3/dist-packages/kubernetes ] || missing="$missing python3-kubernetes"
[ -x /bin/busybox ] && [ -f /usr/share/doc/busybox-static/copyright ] || missing="$missing busybox-static"
if [ -n "$missing" ]; then
  echo "test.sh: installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -x node_modules/.bin/tsc ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "test.sh: installing node modules"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
PATH=$PWD/node_modules/.bin:$PATH
export PATH
scripts/fetch-tools.sh >/dev/null
scripts/build-go-client.sh
scripts/build-dmi-mapper.sh
npm run --silent generate
npm run --silent build

if ! docker version >/dev/null 2>&1; then
  echo "test.sh: starting dockerd"
  # A daemon that was killed leaves its pid file, and the number may be another process's by now.
  pid_file=/var/run/docker.pid
  if [ -f "$pid_file" ] && ! grep -q dockerd "/proc/$(cat "$pid_file")/comm" 2>/dev/null; then rm -f "$pid_file"; fi
  mkdir -p .cache
  dockerd >.cache/dockerd.log 2>&1 &
  dockerd_pid=$!
  tries=0
  until docker version >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ] || ! kill -0 "$dockerd_pid" 2>/dev/null; then
      echo "test.sh: dockerd does not answer; the end of its log:" >&2
      tail -20 .cache/dockerd.log >&2
      exit 1
    fi
    sleep 0.5
  done
fi

npm run --silent check
if [ $# -gt 0 ]; then
  node scripts/run-tests.ts "$@"
else
  node scripts/run-tests.ts unit integration e2e
fi
