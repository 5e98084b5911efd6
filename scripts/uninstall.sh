#!/bin/sh
# Takes away what a site has left on the machine: its containers and networks, the rules of its services in the packet
# filter, and the address of its metaserver.
#   scripts/uninstall.sh [--data-dir DIR] [--address ADDRESS] [--purge]
#   scripts/uninstall.sh --rules SITE
# DIR is /var/lib/edgesite, ADDRESS 169.254.30.10 unless told otherwise. --purge removes DIR too: the cluster itself.
# --rules takes away nothing but the packet filter's rules of the site with that id (DIR/site-id).
set -eu

directory=/var/lib/edgesite
address=169.254.30.10
interface=edge-dummy0
purge=

fail() {
  echo "uninstall: $*" >&2
  exit 1
}

# Rules of the site $1: the ways into its chains, then the chains.
remove_rules() {
  command -v iptables-save >/dev/null 2>&1 || return 0
  for table in filter nat raw; do
    saved=$(iptables-save -t "$table" 2>/dev/null) || continue
    chains=$(printf '%s\n' "$saved" | sed -n "s/^:\(ES-$1-[^ ]*\) .*/\1/p")
    [ -n "$chains" ] || continue
    {
      echo "*$table"
      for chain in $chains; do echo ":$chain - [0:0]"; done
      printf '%s\n' "$saved" | sed -n "/^-A ES-$1-/d; s/^-A \(.* -j ES-$1-.*\)/-D \1/p"
      for chain in $chains; do echo "-X $chain"; done
      echo COMMIT
    } | iptables-restore --noflush -w 5
    echo "uninstall: the rules of the site are out of the packet filter's table $table"
  done
}

while [ $# -gt 0 ]; do
  case $1 in
    --data-dir) directory=${2:?} && shift 2 ;;
    --address) address=${2:?} && shift 2 ;;
    --purge) purge=yes && shift ;;
    --rules) remove_rules "${2:?}" && exit 0 ;;
    *) fail "unknown argument $1; usage: $0 [--data-dir DIR] [--address ADDRESS] [--purge]" ;;
  esac
done

# The process holds a lock on this file for as long as it lives.
if [ -f "$directory/pid" ] && kill -0 "$(cat "$directory/pid")" 2>/dev/null &&
  grep -qs edgesite "/proc/$(cat "$directory/pid")/cmdline"; then
  fail "the site runs (process $(cat "$directory/pid")): stop it first"
fi

if [ -f "$directory/site-id" ]; then remove_rules "$(cat "$directory/site-id")"; fi

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
