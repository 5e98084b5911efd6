#!/bin/sh
# Takes away what a site has left on the machine: its containers and networks, and the address of its metaserver.
#   scripts/uninstall.sh [--data-dir DIR] [--address ADDRESS] [--purge]
# DIR is /var/lib/edgesite, ADDRESS 169.254.30.10 unless told otherwise. --purge removes DIR too: the cluster itself.
set -eu

directory=/var/lib/edgesite
address=169.254.30.10
interface=edge-dummy0
purge=

fail() {
  echo "uninstall: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --data-dir) directory=${2:?} && shift 2 ;;
    --address) address=${2:?} && shift 2 ;;
    --purge) purge=yes && shift ;;
    *) fail "unknown argument $1; usage: $0 [--data-dir DIR] [--address ADDRESS] [--purge]" ;;
  esac
done

# The process holds a lock on this file for as long as it lives.
if [ -f "$directory/pid" ] && kill -0 "$(cat "$directory/pid")" 2>/dev/null &&
  grep -qs edgesite "/proc/$(cat "$directory/pid")/cmdline"; then
  fail "the site runs (process $(cat "$directory/pid")): stop it first"
fi

if [ -f "$directory/site-id" ] && command -v docker >/dev/null 2>&1; then
  label="label=edgesite.io/site=$(cat "$directory/site-id")"
  containers=$(docker ps --all --quiet --filter "$label")
  [ -z "$containers" ] || docker rm --force --volumes $containers >/dev/null
  networks=$(docker network ls --quiet --filter "$label")
  [ -z "$networks" ] || docker network rm $networks >/dev/null
  echo "uninstall: containers and networks of the site are gone"
fi

# The address is on a device of its own, or on the loopback device where the kernel has no other kind.
if command -v ip >/dev/null 2>&1; then
  device=$(ip -oneline address show to "$address" | awk '{ print $2; exit }')
  if [ -n "$device" ]; then
    bits=32
    case $address in *:*) bits=128 ;; esac
    ip address delete "$address/$bits" dev "$device"
    echo "uninstall: $address is off $device"
  fi
  if ip link show dev "$interface" >/dev/null 2>&1 && [ -z "$(ip -oneline -4 address show dev "$interface")" ]; then
    ip link delete "$interface"
  fi
fi

if [ -n "$purge" ]; then
  [ -f "$directory/site-id" ] || fail "$directory is no data directory of a site: nothing removed"
  rm -rf -- "$directory"
  echo "uninstall: $directory is gone"
fi
