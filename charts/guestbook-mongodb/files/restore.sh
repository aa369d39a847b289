#!/bin/bash
# Replaces the messages by those in a backup, once per $RUN: later upgrades with the same values must not do it again.
set -euo pipefail
umask 077
done=/backup/.restored-$RUN
if [ -e "$done" ]; then
  echo "nothing to do: restore.run=$RUN was $(cat "$done")"
  exit 0
fi
archive=$ARCHIVE
if [ "$archive" = latest ]; then
  archive=$(cd /backup && ls -1 guestbook-*.archive.gz 2>/dev/null | sort | tail -n 1) || true # none: see below
fi
if [ ! -f "/backup/$archive" ]; then
  echo "restore.archive=$ARCHIVE: no such backup; there are:" >&2
  ls -1 /backup >&2
  exit 1
fi
gzip -t "/backup/$archive"
until mongosh --nodb --norc --quiet --eval 'connect(process.env.MONGODB_URI)' >/dev/null; do
  echo "waiting for MongoDB"
  sleep 5
done
uri=$MONGODB_URI
[[ $uri != *authSource=* ]] || uri=${uri/\/guestbook\?/\/?} # mongorestore wants the database in --nsInclude only
printf "uri: '%s'\n" "${uri//\'/\'\'}" >/tmp/mongorestore.yaml
mongorestore --config /tmp/mongorestore.yaml --gzip --archive="/backup/$archive" --drop --nsInclude 'guestbook.*' --stopOnError
echo "restored from $archive at $(date -u +%FT%TZ)" | tee "$done"
