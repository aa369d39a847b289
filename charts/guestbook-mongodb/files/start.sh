#!/bin/bash
# Starts mongod. It gets a keyfile of its own, since it refuses one that its group may read, which a mounted Secret always is.
set -euo pipefail
if [ ! -s /etc/guestbook-mongodb/keys/replica-set-key ]; then
  echo "the Secret has no key replica-set-key, or it is empty" >&2
  exit 1
fi
install -m 0400 /etc/guestbook-mongodb/keys/replica-set-key /run/guestbook-mongodb/keyfile

# How long a stopping member keeps answering "I am going" to clients. Alone, it has nobody to send them to.
quiesce=10000
[ "$(cat /opt/guestbook-mongodb/replicas)" != 1 ] || quiesce=0
ipv6=()
[ ! -s /proc/net/if_inet6 ] || ipv6=(--ipv6)

exec mongod --replSet rs0 --keyFile /run/guestbook-mongodb/keyfile --dbpath /data/db --port 27017 --bind_ip_all "${ipv6[@]}" \
  --nounixsocket --quiet --wiredTigerCacheSizeGB "$CACHE_SIZE_GB" --setParameter "shutdownTimeoutMillisForSignaledShutdown=$quiesce"
