# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The ops under compute-sanitizer, side by side because most of their time is the reference's on one core; in at most a
# third of the time that is left when others are to follow. Where the virtualisation refuses it, or the profiler's
# counters, that is recorded.
stage_sanitize() {
  local status=0 tool op end job jobs
  export PCD_TEST_BACKEND=$device
  probe counters ncu --launch-count 1 --metrics sm__cycles_elapsed.max "$out/build/tests/fill_test"
  probe compute-sanitizer compute-sanitizer --error-exitcode 9 "$out/build/tests/fill_test" || return 0
  end=$(($(left) * 2 / 3))
  [ "$stage" = all ] || end=0
  for tool in memcheck racecheck; do
    [ "$(left)" -gt $((end + 3)) ] || { say "sanitize: no time left for $tool"; return $status; }
    jobs=()
    for op in $ops; do
      task sanitize "$tool-$op" $(($(left) - end < 120 ? $(left) - end : 120)) \
        compute-sanitizer --tool "$tool" --error-exitcode 9 "$out/build/tests/${op}_test" &
      jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || status=1; done
  done
  return $status
}

probe() { # NAME PROGRAM…: whether a tool is here and may be used
  local name=$1 why=absent
  shift
  [ "$device" = cuda ] || why="absent: there is no CUDA device"
  if [ "$device" = cuda ] && command -v "$1" >/dev/null; then
    timeout 60 "$@" >"$out/sanitize-$name.txt" 2>&1 && ! grep -q ERR_NVGPUCTRPERM "$out/sanitize-$name.txt" && return 0
    why="$1 is here, but refused; see sanitize-$name.txt"
  fi
  wanted sanitize "$name" && record sanitize failed "$name" "$why"
  say "sanitize: $name: $why"
  return 1
}
