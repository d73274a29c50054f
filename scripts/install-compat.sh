#!/bin/bash
# Installs Underpass beside the extensions and magics that people have, in .build/compat, for the tests in tests/compat.
# The wheels are those that scripts/install.sh has built.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.build/compat
stamp=.build/stamps/compat
export UV_SYSTEM_CERTS=1

lock="$(sha256sum requirements/compat.lock) $(.venv/bin/python --version) $PWD"
if [[ ! -x $environment/bin/jupyter || $(cat "$stamp" 2>/dev/null) != "$lock" ]]; then
  echo "install: compat"
  rm -rf "$environment" "$stamp"
  .venv/bin/uv venv --quiet --python .venv/bin/python "$environment"
  .venv/bin/uv pip install --quiet --python "$environment/bin/python" \
    --require-hashes --requirement requirements/compat.lock
  echo "$lock" >"$stamp"
fi
.venv/bin/uv pip install --quiet --python "$environment/bin/python" --no-deps --reinstall \
  .build/wheels/*/*.whl
