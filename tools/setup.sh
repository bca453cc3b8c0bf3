# Sourced by ./demo and ./test: installs what is missing. Works on a bare Debian 12 as root, without sudo, with no terminal.

export DEBIAN_FRONTEND=noninteractive
exec </dev/null

say() {
  printf '%s\n' "$*"
}

stop() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -n "$@"
  else
    stop "this needs root: $*"
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the packages that are missing; asks the network only when one is.
install_packages() {
  local package missing=()
  command -v dpkg-query >/dev/null || { say "not a Debian: taking it that these are installed: $*"; return; }
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { as_root apt-get -q update && as_root apt-get -q -y --no-install-recommends install "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    stop "apt-get could not install ${missing[*]}"
  fi
  rm -f "$log"
}

# libssl-dev brings libcrypto, of which svc links SHA-256. Of libcurl and expat svc loads what is installed when it first asks AWS; their packages for building
# bring both headers and libraries.
BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libjansson-dev libyaml-dev libpcre2-dev libssl-dev libcurl4-openssl-dev libexpat1-dev)
