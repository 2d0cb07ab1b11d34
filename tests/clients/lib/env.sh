# Sourced by every suite's `run`: where things are, and the toolchains, fetched once and kept under build/clients.
# A caller sets `here`, the suite's own folder, first.
# shellcheck shell=bash disable=SC2034  # what it sets is for its callers
set -euo pipefail
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$lib/../../.." && pwd)
cache=$root/build/clients
mkdir -p "$cache"

# fresh STAMP FILE...: whether STAMP was made from exactly these files.
fresh() { local stamp=$1; shift; [ -f "$stamp" ] && cat "$@" | cmp -s - "$stamp"; }

# Suites may run two at a time; what they share is built under this lock.
exclusively() { exec {lock}>"$cache/.lock"; flock "$lock"; "$@"; exec {lock}>&-; }

_venv() {
  local requirements=$1 venv=$2
  fresh "$venv/stamp" "$requirements" && return
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$requirements"
  cp "$requirements" "$venv/stamp"
}
# python_venv REQUIREMENTS: sets `python` to an interpreter that has them.
python_venv() { local venv; venv=$cache/venv-$(basename "$(dirname "$1")"); exclusively _venv "$1" "$venv"; python=$venv/bin/python; }

_jars() {
  local pom=$1 jars=$2
  fresh "$jars/stamp" "$pom" && return
  rm -rf "$jars"
  mvn --batch-mode --quiet -Dstyle.color=never --file "$pom" dependency:copy-dependencies "-DoutputDirectory=$jars"
  cp "$pom" "$jars/stamp"
}
_classes() {
  local classes=$1 jars=$2; shift 2
  fresh "$classes/stamp" "$jars/stamp" "$@" && return
  rm -rf "$classes"; mkdir -p "$classes"
  javac -Xlint:all,-serial,-try,-processing -Werror -cp "$jars/*" -d "$classes" "$@"
  cat "$jars/stamp" "$@" > "$classes/stamp"
}
# java_classes NAME POM SOURCE...: compiles against the pom's pinned jars; sets `classpath`.
java_classes() {
  local name=$1 pom=$2; shift 2
  exclusively _jars "$pom" "$cache/$name/jars"
  exclusively _classes "$cache/$name/classes" "$cache/$name/jars" "$@"
  classpath="$cache/$name/classes:$cache/$name/jars/*"
}

# node_modules FOLDER: the packages that its package.json pins; puts a node that they can run on (20.19 or newer; the
# registry ships one as a package, for systems whose own is older) on the PATH.
node_modules() {
  exclusively _node
  [ ! -d "$cache/node/node_modules/node/bin" ] || PATH=$cache/node/node_modules/node/bin:$PATH
  exclusively _packages "$1"
}
_node() {
  [ ! -d "$cache/node/node_modules/node/bin" ] || return 0
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' && return
  npm install --silent --no-audit --no-fund --prefix "$cache/node" node@20.20.2
}
_packages() {
  fresh "$1/node_modules/.stamp" "$1/package.json" && return
  (cd "$1" && npm install --silent --no-audit --no-fund --no-package-lock)
  cp "$1/package.json" "$1/node_modules/.stamp"
}

# go_program FOLDER: builds the module in FOLDER; sets `program`. A go older than the module asks for fetches the
# toolchain that it names, which the module proxy serves as a module.
go_program() {
  program=$cache/$(basename "$1")/program
  exclusively _go "$1"
}
_go() {
  local go=go wanted have
  wanted=$(sed -n 's/^toolchain //p' "$1/go.mod")
  have=$(go version | awk "{print \$3}")
  if [ "$(printf '%s\n' go1.21 "$have" | sort -V | head -1)" != go1.21 ]; then
    go=$(cd / && go mod download -json "golang.org/toolchain@v0.0.1-$wanted.linux-$(dpkg --print-architecture)" |
      sed -n 's/.*"Dir": "\(.*\)",*/\1/p')/bin/go
    chmod -R u+x "$(dirname "$go")" "$(dirname "$go")/../pkg/tool"
  fi
  (cd "$1" && "$go" build -o "$program" .)
}

_cxx() {
  local program=$1 source=$2; shift 2
  fresh "$program.stamp" "$source" "$lib"/cpp/*.h "$(dirname "$source")"/*.h && return
  mkdir -p "$(dirname "$program")"
  "${CXX:-g++}" -std=c++23 -O2 -Wall -Wextra -Werror -o "$program" "$source" "$@"
  cat "$source" "$lib"/cpp/*.h "$(dirname "$source")"/*.h > "$program.stamp"
}
# cxx_program NAME SOURCE LIBRARY...: sets `program`.
cxx_program() { program=$cache/$1/program; exclusively _cxx "$program" "${@:2}"; }
