#!/bin/bash
# Oracle's MySQL server out of Debian unstable's packages (stable releases have none), unpacked beside the system and
# run with the C library that it was built for. Nothing is installed: apt works in folders of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=${UNDERPASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/underpass}
link=.build/servers/mysql

use() {
  mkdir -p "$(dirname "$link")"
  ln -sfn "$1" "$link"
}

# Unstable moves on; what is there serves.
for made in "$cache"/mysql-*/bin/mysqld; do
  if [[ -x $made ]]; then
    use "$(dirname "$(dirname "$made")")"
    exit 0
  fi
done

architecture=$(dpkg --print-architecture)
# The mirror that this system gets its packages from.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep -E '/debian/?$' | head -n 1)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$cache"
work=$(mktemp -d "$cache/mysql.XXXXXX")
trap 'rm -rf "$work"' EXIT

apt=$work/apt
mkdir -p "$apt"/{etc/preferences.d,etc/apt.conf.d,state/lists/partial,cache/archives/partial}
touch "$apt/state/status"
echo "deb [signed-by=$keys] $mirror sid main" >"$apt/etc/sources.list"
cat >"$apt/apt.conf" <<END
Dir::Etc "$apt/etc";
Dir::Etc::sourcelist "$apt/etc/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "";
Acquire::Languages "none";
// Signatures are checked; some mirrors lag behind.
Acquire::Check-Valid-Until "false";
END
export APT_CONFIG=$apt/apt.conf
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends --download-only mysql-server-core >/dev/null

version=$(apt-cache show mysql-server-core | sed -n 's/^Version: //p' | head -n 1)
made=$work/made
mkdir -p "$made/bin"
for package in "$apt"/cache/archives/*.deb; do
  case $(basename "$package") in
    # Scripts, and what only they need.
    perl*|libperl*|libdb5*|libgdbm*|debconf*|cdebconf*) ;;
    *) dpkg-deb --extract "$package" "$made" ;;
  esac
done
rm -rf "$made"/usr/share/{doc,man,locale,lintian,info}
find "$made/usr/bin" -mindepth 1 -delete 2>/dev/null || true

cat >"$made/bin/mysqld" <<'END'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
loader=$(echo "$root"/usr/lib*/ld-linux-*.so.*)
libraries=$(echo "$root"/usr/lib/*-linux-gnu)
exec "${loader%% *}" --library-path "$libraries" "$root/usr/sbin/mysqld" --no-defaults \
  --basedir="$root/usr" --plugin-dir="$root/usr/lib/mysql/plugin" --lc-messages-dir="$root/usr/share/mysql" \
  --character-sets-dir="$root/usr/share/mysql/charsets" "$@"
END
chmod +x "$made/bin/mysqld"
"$made/bin/mysqld" --version

folder=$cache/mysql-${version//[^A-Za-z0-9.+-]/_}
[[ -e $folder ]] || mv "$made" "$folder"
use "$folder"
