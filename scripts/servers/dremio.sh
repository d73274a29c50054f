#!/bin/bash
# Builds the Flight SQL server that stands in for Dremio: its source is in tests/servers/dremio.
set -euo pipefail
cd "$(dirname "$0")/../.."
source=tests/servers/dremio
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/dremio-$(cat "$source"/*.go "$source"/go.mod "$source"/go.sum | sha256sum | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/dremio.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  chmod 755 "$made"
  # Debian's may be too old.
  if ! go version 2>/dev/null | grep --quiet --extended-regexp 'go1\.(2[5-9]|[3-9][0-9])'; then
    UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python .venv/bin/python --target "$made/go" \
      --require-hashes --requirement requirements/servers/dremio.lock
    PATH=$made/go/go/bin:$PATH
  fi
  # go.sum has the checksum of every module. Without a C compiler.
  (cd "$source" && CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=false' go build -ldflags='-s -w' -o "$made/dremio" .)
  rm -rf "$made/go"
  # Another checkout may have been faster.
  mv --no-target-directory "$made" "$folder" || [[ -e $folder ]]
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/dremio
