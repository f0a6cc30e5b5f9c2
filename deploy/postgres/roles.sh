#!/bin/bash
# First start of an empty database: the owner who migrates, and the role of the processes.
set -euo pipefail
owner=$(cat "${OWNER_PASSWORD_FILE:-/run/secrets/owner_password}")
app=$(cat "${APP_PASSWORD_FILE:-/run/secrets/app_password}")
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    -v owner="$owner" -v app="$app" <<'SQL'
CREATE ROLE hosho_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE hosho_app LOGIN PASSWORD :'app';
GRANT hosho_app TO hosho_owner WITH ADMIN OPTION;
CREATE DATABASE hosho OWNER hosho_owner;
REVOKE CONNECT ON DATABASE hosho FROM PUBLIC;
GRANT CONNECT ON DATABASE hosho TO hosho_app;
SQL
