#!/bin/sh
# Makes Temporal's databases, or brings their schema up to the version of this image. Safe to run again.
set -eu
for database in temporal temporal_visibility; do
  case "$database" in
    temporal) schema=temporal ;;
    *) schema=visibility ;;
  esac
  run() { temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database "$database" "$@"; }
  # Fails when there is one already; the next two do nothing that has been done.
  run create-database || true
  run setup-schema --version 0.0
  run update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
