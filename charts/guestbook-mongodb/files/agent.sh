#!/bin/bash
# Runs agent.js until it succeeds, and again after each change of the Secret or of replicas.
set -uo pipefail
trap 'exit 0' TERM INT
pause() { sleep "$1" & wait $!; }
checksum() { cat /opt/guestbook-mongodb/replicas /etc/guestbook-mongodb/secret/* | sha256sum; }

settled='' said=''
while :; do
  now=$(checksum)
  if [ "$now" = "$settled" ]; then
    pause 10
    continue
  fi
  # The first member initiates the replica set. The others wait without mongosh until it added them.
  case "${POD_NAME##*-}" in
    0) needed=alive interval=0.5 ;;
    *) needed=ready interval=1 ;;
  esac
  if ! bash /opt/guestbook-mongodb/hello.sh "$needed" >/dev/null 2>&1; then
    pause "$interval"
    continue
  fi
  if out=$(mongosh --nodb --norc --quiet --file /opt/guestbook-mongodb/agent.js 2>&1); then
    settled=$now
    touch /tmp/settled
    out+=${out:+$'\n'}"configured the replica set: $(cat /opt/guestbook-mongodb/replicas) member(s)"
  fi
  [ -z "$out" ] || [ "$out" = "$said" ] || echo "$out"
  said=$out
  [ "$now" = "$settled" ] || pause 1
done
