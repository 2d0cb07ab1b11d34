# shellcheck shell=bash
# The test suites; sourced by ./dev. Each run_* fails when its suite fails; verb_test counts.

passed=0
failed=0
failures=()

# suite NAME COMMAND...: runs one suite, counts it and goes on.
suite() {
  local name=$1 started=$SECONDS status
  shift
  say "$name"
  # Not `if (...)`: bash would then ignore `set -e` inside the suite.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  if [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
    say "$name: passed in $((SECONDS - started)) s"
  else
    failed=$((failed + 1))
    failures+=("$name")
    say "$name: FAILED after $((SECONDS - started)) s"
  fi
}

# ctest_suite NAME TARGET [ctest argument...]: builds the target and counts every test that the arguments select. Of the
# release build: it is the one that is needed anyway, and checks stay on in it.
ctest_suite() {
  local name=$1 target=$2 report counts
  shift 2
  report=$(mktemp)
  say "$name"
  if ! build_preset release "$target"; then
    failed=$((failed + 1))
    failures+=("$name: the build")
    return
  fi
  ctest --test-dir build/release --no-tests=error --output-on-failure --timeout 600 -j "$(job_count)" \
    --output-junit "$report" "$@" || failures+=("$name")
  if counts=$(python3 tools/dev/junit_counts.py "$report"); then
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
  else
    failed=$((failed + 1))
  fi
  rm -f "$report"
}

run_sim() {
  local seeds=$1 program
  expect tests/sim
  has_target release godwit_sim || die "tests/sim is in the tree but defines no target godwit_sim"
  build_preset release godwit_sim
  program=$(find build/release -type f -name godwit_sim -perm -u+x | head -n 1)
  [[ -n $program ]] || die "the build left no godwit_sim below build/release"
  if [[ -n ${SEED:-} ]]; then "$program" --seed "$SEED"; else "$program" --seeds "$seeds" --jobs "$(job_count)"; fi
}

# Every target as long as the argument says, as many at once as there are cores. The canary holds a planted bug and must
# crash.
run_fuzz() {
  local seconds=$1 targets
  expect fuzz
  build_preset fuzz fuzz/all
  mapfile -t targets < <(find build/fuzz/fuzz -type f -name '*_fuzz' -perm -u+x | sort)
  [[ ${#targets[@]} -gt 0 ]] || die "fuzz/ is in the tree but built no *_fuzz target"
  printf '%s\n' "${targets[@]}" | xargs -P "$(job_count)" -I{} bash tools/dev/fuzz_one.sh {} "$seconds"
}

run_script() {
  [[ -x $1 ]] || die "$1 is not executable"
  "$@"
}

run_tools_tests() {
  PYTHONPATH=tools/lint python3 -m unittest discover -s tools/lint/tests -p "*_test.py"
  python3 -m unittest discover -s tools/dev/tests -p "*_test.py"
}

test_part() {
  case $1 in
    lint)
      # clang-tidy has a verb of its own, ./dev lint: over the whole tree it takes longer than all the rest.
      suite "lint" python3 tools/lint/lint.py --fast
      suite "the tests of lint and dev" run_tools_tests
      ;;
    unit) ctest_suite "unit and scenario tests" all -LE '^(sim|crash|hostile)$' ;;
    sim)
      expect tests/sim
      suite "simulation, ${GODWIT_SIM_SEEDS:-10000} seeds" run_sim "${GODWIT_SIM_SEEDS:-10000}"
      ctest_suite "planted bugs" godwit_sim -R '^sim_finds_'
      ;;
    fuzz)
      expect fuzz
      suite "the broker's build with Clang" build_preset fuzz godwit
      suite "fuzz, ${GODWIT_FUZZ_SECONDS:-10} s a target" run_fuzz "${GODWIT_FUZZ_SECONDS:-10}"
      ;;
    clients)
      expect tests/clients/run
      suite "the broker's build" build_release
      suite "real clients" run_script tests/clients/run
      ;;
    crash)
      expect tests/crash/run
      suite "the broker's build" build_release
      suite "kill -9, ${GODWIT_CRASH_ROUNDS:-200} rounds" run_script tests/crash/run --rounds "${GODWIT_CRASH_ROUNDS:-200}"
      suite "kill -9 with durability os, 10 rounds" run_script tests/crash/run --rounds 10 --durability os
      ;;
    hostile)
      expect tests/hostile
      ctest_suite "hostile connections" all -L '^hostile$'
      ;;
    bench)
      expect bench/CMakeLists.txt
      suite "the benchmarks' build" build_preset release bench/all
      ;;
    *) die "no part '$1': lint unit sim fuzz clients crash hostile bench" ;;
  esac
}

# The parts that this tree has: decided by what git tracks, never by which tool happens to be installed.
test_parts() {
  echo lint
  echo unit
  has tests/sim && echo sim
  has fuzz && echo fuzz
  has tests/clients/run && echo clients
  has tests/crash/run && echo crash
  has tests/hostile && echo hostile
  has bench/CMakeLists.txt && echo bench
  return 0
}

verb_test() {
  local parts=("$@") part
  need build test
  [[ ${#parts[@]} -gt 0 ]] || mapfile -t parts < <(test_parts)
  [[ " ${parts[*]} " =~ \ (clients|crash)\  ]] && need clients
  for part in "${parts[@]}"; do test_part "$part"; done
  if [[ ${#failures[@]} -gt 0 ]]; then printf 'failed: %s\n' "${failures[@]}"; fi
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [[ $failed -eq 0 && ${#failures[@]} -eq 0 && $passed -gt 0 ]]
}
