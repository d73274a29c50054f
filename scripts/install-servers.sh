#!/bin/bash
# Installs the servers of the tests that are no Debian packages: all, or those named. Two at a time, each by its script
# in scripts/servers, its output in .build/servers/NAME.log. One that fails leaves the end of that in
# .build/servers/NAME.failed, where scripts/run_suites.py and the tests look, and the others go on.
set -uo pipefail
cd "$(dirname "$0")/.."
# Seconds after which a script is ended, as a failure.
export limit=1500
export state=.build/servers
mkdir -p "$state"

install_server() {
  local name=$1 log=$state/$1.log start=$SECONDS code
  rm -f "$state/$name.failed"
  timeout --kill-after=10 "$limit" bash "scripts/servers/$name.sh" >"$log" 2>&1 </dev/null
  code=$?
  if [[ $code == 0 ]]; then
    echo "servers: $name is there ($((SECONDS - start)) s)"
    return 0
  fi
  {
    tail -n 20 "$log"
    [[ $code != 124 ]] || echo "ended after $limit s"
    echo "exit code $code"
  } >"$state/$name.failed"
  sed "s/^/servers: $name: /" "$state/$name.failed" >&2
  echo "servers: $name could not be installed; $log has it all" >&2
  return 1
}
export -f install_server

if [[ $# -gt 0 ]]; then
  names=("$@")
else
  names=()
  for script in scripts/servers/*.sh; do
    name=${script##*/}
    names+=("${name%.sh}")
  done
  # What a server left that has no script any more must not count.
  for failed in "$state"/*.failed; do
    name=${failed##*/}
    [[ -e scripts/servers/${name%.failed}.sh ]] || rm -f "$failed"
  done
fi
for name in "${names[@]}"; do
  if [[ ! -f scripts/servers/$name.sh ]]; then
    echo "There is no scripts/servers/$name.sh." >&2
    exit 2
  fi
done
printf '%s\0' "${names[@]}" | xargs --null --max-procs=2 -I{} bash -c 'install_server "$1"' install {}
