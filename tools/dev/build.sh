# shellcheck shell=bash
# Configures and builds presets; sourced by ./dev.

job_count() { echo "${JOBS:-$(nproc)}"; }

# build_preset PRESET [TARGET...]: configures when needed and builds everything, or only the targets.
build_preset() {
  local preset=$1 targets=()
  shift
  [[ $# -gt 0 ]] && targets=(--target "$@")
  say "building $preset${*:+: $*}"
  [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >&2
  cmake --build "build/$preset" -j "$(job_count)" "${targets[@]}" >&2
}

# The broker, at build/release/godwit. Until src/server is in the tree, all there is.
build_release() {
  if ! has src/server/CMakeLists.txt; then
    build_preset release
    return
  fi
  build_preset release godwit
  [[ -x build/release/godwit ]] || die "the build left no build/release/godwit: src/server must use godwit_program"
}

# has_target PRESET TARGET: whether the configured build knows the target.
has_target() {
  [[ -f build/$1/build.ninja ]] || cmake --preset "$1" >&2
  ninja -C "build/$1" -t query "$2" >/dev/null 2>&1
}
