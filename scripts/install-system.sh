#!/bin/bash
# Installs the Debian packages that the tests and the build use; does nothing when all are there.
set -euo pipefail

packages=(
  chromium        # UI tests
  curl            # worked examples for shells
  fish            # completion, as in zsh
  dbus            # with gnome-keyring and libsecret-tools: the keyring of a desktop session
  fonts-dejavu-core
  git
  gnome-keyring
  iproute2        # private networks of tests/servers
  libgssapi-krb5-2  # these two: what Microsoft's ODBC driver is linked with
  libltdl7
  libsecret-tools
  make
  mariadb-client-core  # worked examples for shells
  mariadb-server-core  # the server's programs alone
  maven           # downloads Trino
  openssh-client
  openssh-server  # the bastion; only its program is used
  openssl
  postgresql      # the database; the default cluster is left alone
  putty-tools     # keys in PuTTY's format
  python3
  python3-cryptography  # the interpreter of other users makes certificates, too
  python3-venv
  r-base-core     # worked examples in R
  r-cran-httr2
  r-cran-irkernel # kernels of R
  r-cran-jsonlite
  redis-server    # its own service is not started
  strace          # command lines and environments of every program that a test starts
  util-linux
  zsh
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) != 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing and need root: ${missing[*]}" >&2
    echo "Run as root: apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

# New packages must not start their services: the tests run their own, and a developer's machine keeps its ports.
# An administrator's own policy, where one exists, is left as it is.
policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.d/no-default-cluster.conf
remove_policies() {
  "${as_root[@]}" rm -f "${written[@]}"
}
written=()
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  written+=("$policy")
fi
if [[ ! -e $cluster_conf ]]; then
  "${as_root[@]}" mkdir -p "${cluster_conf%/*}"
  echo 'create_main_cluster = false' | "${as_root[@]}" tee "$cluster_conf" >/dev/null
  written+=("$cluster_conf")
fi
[[ ${#written[@]} -eq 0 ]] || trap remove_policies EXIT

echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update --quiet=2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --quiet=2 --option Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" </dev/null
