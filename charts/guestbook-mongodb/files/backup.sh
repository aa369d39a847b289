#!/bin/bash
# Dumps the guestbook's database into a file, and keeps the newest $KEEP files.
set -euo pipefail
umask 077
# A configuration file, since every process can read the command line.
printf "uri: '%s'\n" "${MONGODB_URI//\'/\'\'}" >/tmp/mongodump.yaml
rm -f /backup/*.part
part=/backup/guestbook-$(date -u +%Y%m%dT%H%M%SZ).archive.gz.part
mongodump --config /tmp/mongodump.yaml --gzip --archive="$part"
gzip -t "$part"
sync "$part"
mv "$part" "${part%.part}"
echo "wrote ${part%.part}, $(stat -c %s "${part%.part}") bytes"
ls -1 /backup/guestbook-*.archive.gz | sort | head -n "-$KEEP" | while read -r old; do
  rm -f "$old"
  echo "removed $old"
done
