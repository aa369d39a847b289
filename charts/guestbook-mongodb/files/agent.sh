#!/bin/bash
# Runs agent.js whenever what it works from has changed, until it has nothing left to do. Between that it only sleeps.
set -uo pipefail
trap 'exit 0' TERM INT
pause() { sleep "$1" & wait $!; }
wanted() { cat /opt/guestbook-mongodb/replicas /etc/guestbook-mongodb/secret/* | sha256sum; }

settled='' said=''
while :; do
  now=$(wanted)
  if [ "$now" = "$settled" ]; then
    pause 10
    continue
  fi
  # Only the first member initiates; the others need no mongosh before they are taken in.
  if [ "${POD_NAME##*-}" != 0 ] && ! bash /opt/guestbook-mongodb/hello.sh ready >/dev/null 2>&1; then
    pause 1
    continue
  fi
  if [ "${POD_NAME##*-}" = 0 ] && ! bash /opt/guestbook-mongodb/hello.sh alive >/dev/null 2>&1; then
    pause 0.5
    continue
  fi
  if out=$(mongosh --nodb --norc --quiet --file /opt/guestbook-mongodb/agent.js 2>&1); then
    settled=$now
    touch /tmp/settled
    out+=${out:+$'\n'}"nothing left to do for $(cat /opt/guestbook-mongodb/replicas) member(s)"
  fi
  [ -z "$out" ] || [ "$out" = "$said" ] || echo "$out"
  said=$out
  [ "$now" = "$settled" ] || pause 1
done
