#!/bin/sh
# Makes the namespace in which runs live, and keeps what has finished for 30 days. Safe to run again.
set -eu
temporal operator namespace describe --namespace default >/dev/null 2>&1 ||
  temporal operator namespace create --namespace default --retention 30d
