#!/bin/bash
# Starts mongod with a copy of the keyfile. mongod rejects a keyfile that its group can read, and
# the group can read every mounted Secret.
set -euo pipefail
if [ ! -s /etc/guestbook-mongodb/keys/replica-set-key ]; then
  echo "the Secret has no key replica-set-key, or it is empty" >&2
  exit 1
fi
install -m 0400 /etc/guestbook-mongodb/keys/replica-set-key /run/guestbook-mongodb/keyfile

# Milliseconds in which a stopping member directs clients to other members, if there are any.
quiesce=10000
[ "$(cat /opt/guestbook-mongodb/replicas)" != 1 ] || quiesce=0
ipv6=()
[ ! -s /proc/net/if_inet6 ] || ipv6=(--ipv6)

exec mongod --replSet rs0 --keyFile /run/guestbook-mongodb/keyfile --dbpath /data/db --port 27017 \
  --bind_ip_all "${ipv6[@]}" --nounixsocket --quiet --wiredTigerCacheSizeGB "$CACHE_SIZE_GB" \
  --setParameter "shutdownTimeoutMillisForSignaledShutdown=$quiesce"
