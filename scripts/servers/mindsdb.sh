#!/bin/bash
# Installs MindsDB for the tests, into an environment of its own: it pins packages that others want newer.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=requirements/servers/mindsdb.lock
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/mindsdb-$(sha256sum "$lock" | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/mindsdb.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  .venv/bin/uv venv --quiet --relocatable --allow-existing --python .venv/bin/python "$made"
  UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python "$made/bin/python" --require-hashes --requirement "$lock"
  # Ordinary users run it, too.
  chmod 755 "$made"
  mv "$made" "$folder"
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/mindsdb
