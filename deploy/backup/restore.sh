#!/bin/bash
# Lay a base backup into PGDATA and let PostgreSQL replay the archived WAL, to a moment or to the end:
#     restore.sh ARCHIVE/base/<moment> PGDATA ['2023-05-01 03:00:00+09']
# What was sent after the last archived moment is not known to it: before any worker starts,
# `manage.py restored --by MANAGER` pauses every channel until a manager has looked.
set -euo pipefail
base=${1:?the base backup is missing}
data=${2:?PGDATA is missing}
until=${3:-}
archive=$(dirname "$(dirname "$base")")

[ -f "$base/backup_manifest" ] || { echo "$base is no base backup" >&2; exit 1; }
if [ -d "$data" ] && [ -n "$(ls -A "$data")" ]; then
    echo "$data is not empty; nothing was changed" >&2
    exit 1
fi
pg_verifybackup "$base"
mkdir -p "$data"
cp -a "$base/." "$data/"
chmod 700 "$data"
{
    echo "restore_command = 'cp $archive/wal/%f %p'"
    echo "recovery_target_action = promote"
    [ -z "$until" ] || echo "recovery_target_time = '$until'"
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "Start PostgreSQL on $data, wait for 'archive recovery complete', then: manage.py restored --by MANAGER"
