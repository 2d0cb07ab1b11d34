#!/usr/bin/env bash
# fuzz_one.sh PROGRAM SECONDS: runs one fuzz target on its corpus; new inputs and crashes stay below build/fuzz.
set -euo pipefail

program=$1
seconds=$2
name=$(basename "$program" _fuzz)
work=build/fuzz/work/$name
corpus=fuzz/corpus/$name
log=$work/log
mkdir -p "$work/found" "$work/crash"
inputs=("$work/found")
[[ -d $corpus ]] && inputs+=("$corpus")

status=0
"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
  -artifact_prefix="$work/crash/" "${inputs[@]}" >"$log" 2>&1 || status=$?

executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
if [[ $name == canary ]]; then
  [[ $status -ne 0 ]] && { echo "canary: found, as it must be"; exit 0; }
  echo "canary: its planted bug was not found in $seconds s, so the fuzzer is blind"
  exit 1
fi
if [[ $status -ne 0 ]]; then
  tail -n 60 "$log"
  echo "$name: FAILED; the input is in $work/crash, the log is $log"
  exit 1
fi
echo "$name: ${executed:-0} inputs in $seconds s"
[[ ${executed:-0} -gt 0 ]]
