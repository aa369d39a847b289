#!/bin/bash
# Replaces all messages with those of a backup. A restore with the same $RUN does not run again.
set -euo pipefail
umask 077
done=/backup/.restored-$RUN
if [ -e "$done" ]; then
  echo "nothing to do: restore.run=$RUN $(cat "$done")"
  exit 0
fi
archive=$ARCHIVE
if [ "$archive" = latest ]; then
  # The next check reports that there is none.
  archive=$(cd /backup && ls -1 guestbook-*.archive.gz 2>/dev/null | sort | tail -n 1) || true
fi
if [ ! -f "/backup/$archive" ]; then
  echo "restore.archive=$ARCHIVE: there is no such backup. Available:" >&2
  ls -1 /backup >&2
  exit 1
fi
gzip -t "/backup/$archive"
until mongosh --nodb --norc --quiet --eval 'connect(process.env.MONGODB_URI)' >/dev/null; do
  echo "waiting for MongoDB"
  sleep 5
done
uri=$MONGODB_URI
# mongorestore accepts the database in --nsInclude only.
[[ $uri != *authSource=* ]] || uri=${uri/\/guestbook\?/\/?}
printf "uri: '%s'\n" "${uri//\'/\'\'}" >/tmp/mongorestore.yaml
mongorestore --config /tmp/mongorestore.yaml --gzip --archive="/backup/$archive" \
  --drop --nsInclude 'guestbook.*' --stopOnError
echo "restored from $archive at $(date -u +%FT%TZ)" | tee "$done"
