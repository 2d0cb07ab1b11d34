# shellcheck shell=bash
# Installs Debian packages by group; sourced by ./dev.

# packages_missing GROUP...: the packages of the groups that neither dpkg nor the PATH has, one a line.
packages_missing() {
  local groups=" $* " group="" package command
  local -A installed=()
  while read -r package command; do
    [[ $command == installed ]] && installed[$package]=1
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n')
  while read -r package command; do
    case $package in
      '' | '#'*) continue ;;
      '['*']') group=${package:1:-1}; continue ;;
    esac
    [[ $groups == *" $group "* && -z ${installed[$package]:-} ]] || continue
    [[ -n $command ]] && command -v "$command" >/dev/null && continue
    echo "$package"
  done <"${root:?}/tools/packages.txt" | sort -u
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root: run this as root, or install sudo"
  fi
}

# need GROUP...: returns at once when everything is there.
need() {
  local missing=()
  command -v dpkg-query >/dev/null || die "only Debian is installed on; elsewhere see docs/dependencies.md"
  mapfile -t missing < <(packages_missing "$@")
  [[ ${#missing[@]} -eq 0 ]] && return
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local options=(-y -q --no-install-recommends)
  [[ -t 1 ]] && options+=(-o Dpkg::Progress-Fancy=1)
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "${missing[@]}"
  mapfile -t missing < <(packages_missing "$@")
  [[ ${#missing[@]} -eq 0 ]] || die "still missing after apt-get: ${missing[*]}"
}
