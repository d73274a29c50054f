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
  # go.sum has the checksum of every module. Without a C compiler.
  (cd "$source" && CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=false' go build -ldflags='-s -w' -o "$made/dremio" .)
  mv "$made" "$folder"
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/dremio
