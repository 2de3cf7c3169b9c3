#!/usr/bin/env bash
# Runs once, when the database is new: a schema for each service that has one, owned by a user who sees no other.
set -euo pipefail

schema() {
  psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role :"name" login password :'password';
create schema :"name" authorization :"name";
alter role :"name" set search_path = :"name";
SQL
}

schema auth "$AUTH_DB_PASSWORD"
schema assignment "$ASSIGNMENT_DB_PASSWORD"
schema sync "$SYNC_DB_PASSWORD"
