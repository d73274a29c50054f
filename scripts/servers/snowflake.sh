#!/bin/bash
# Installs fakesnow, which stands in for Snowflake in the tests, into an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=requirements/servers/snowflake.lock
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/snowflake-$(sha256sum "$lock" | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/snowflake.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  .venv/bin/uv venv --quiet --relocatable --allow-existing --python .venv/bin/python "$made"
  UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python "$made/bin/python" --require-hashes --requirement "$lock"
  mv "$made" "$folder"
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/snowflake
