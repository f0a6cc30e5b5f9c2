#!/bin/bash
# A base backup with its checksums under ARCHIVE/base/<moment>, beside the WAL that PostgreSQL
# archives under ARCHIVE/wal: together any moment since the oldest base can be restored.
# --every-night: at 03:30 and again each night; otherwise once. KEEP_DAYS bounds what is kept.
set -euo pipefail
: "${ARCHIVE:?ARCHIVE is missing}"
KEEP_DAYS=${KEEP_DAYS:-14}

if [ -n "${PASSWORD_FILE:-}" ]; then
    umask 077
    printf '*:*:*:*:%s\n' "$(cat "$PASSWORD_FILE")" >"${PGPASSFILE:?PGPASSFILE is missing}"
fi

backup() {
    local moment place
    moment=$(date -u +%Y%m%dT%H%M%SZ)
    place=$ARCHIVE/base/$moment
    mkdir -p "$ARCHIVE/base"
    pg_basebackup --pgdata="$place.part" --checkpoint=fast --wal-method=stream --manifest-checksums=SHA256
    pg_verifybackup "$place.part"
    mv "$place.part" "$place"
    echo "backup $moment is verified"
    find "$ARCHIVE/base" -mindepth 1 -maxdepth 1 -mtime "+$KEEP_DAYS" -exec rm -rf {} +
    oldest=$(find "$ARCHIVE/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.part' | sort | head -n 1)
    if [ -d "$ARCHIVE/wal" ] && [ -n "$oldest" ]; then
        first=$(find "$ARCHIVE/wal" -name '*.backup' -newermt "$(stat -c %y "$oldest")" | sort | head -n 1)
        [ -z "$first" ] || pg_archivecleanup "$ARCHIVE/wal" "$(basename "$first")"
    fi
}

if [ "${1:-}" = --every-night ]; then
    while true; do
        sleep $((($(date -d 'tomorrow 03:30' +%s) - $(date +%s)) % 86400))
        backup || echo "backup FAILED" >&2
    done
fi
backup
