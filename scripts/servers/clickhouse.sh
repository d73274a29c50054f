#!/bin/bash
# Installs ClickHouse for the tests: the library that holds all of its server, as npm has it.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=scripts/servers/clickhouse/package-lock.json
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/clickhouse-$(sha256sum "$lock" | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/clickhouse.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  cp scripts/servers/clickhouse/package.json "$lock" "$made"
  npm ci --prefix "$made" --ignore-scripts --no-audit --no-fund --loglevel=error
  mv "$made"/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so "$made"
  # What else is in there is for Node.
  rm -rf "$made/node_modules"
  chmod 755 "$made"
  # Another checkout may have been faster.
  mv --no-target-directory "$made" "$folder" || [[ -e $folder ]]
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/clickhouse
