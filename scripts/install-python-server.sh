#!/bin/bash
# install-python-server.sh NAME: puts the packages of requirements/servers/NAME.lock into an environment of their own, which
# all checkouts share, and links it as .build/servers/NAME.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1
lock=requirements/servers/$name.lock
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/$name-$(sha256sum "$lock" | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/$name.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  .venv/bin/uv venv --quiet --relocatable --allow-existing --python .venv/bin/python "$made"
  UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python "$made/bin/python" --require-hashes --requirement "$lock"
  # Ordinary users run it, too.
  chmod 755 "$made"
  # Another checkout may have been faster.
  mv --no-target-directory "$made" "$folder" || [[ -e $folder ]]
fi
mkdir -p .build/servers
ln -sfn "$folder" ".build/servers/$name"
