#!/bin/sh
# Runs once, when PostgreSQL's data folder is new: Temporal gets a role that can make its own two databases and nothing else.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$TEMPORAL_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
SQL
