# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Counters of the block's kernels by Nsight Compute: of each the first launch, forward and backward, at clocks as found.
# counters.py takes from them what says by what a kernel is bound.
stage_profile() {
  local status=0 width kind regex count sections=() name
  if [ "$device" != cuda ] || ! command -v ncu >/dev/null; then
    say "profile: needs a GPU and ncu"
    record profile failed ncu "absent"
    return 0
  fi
  for name in SpeedOfLight ComputeWorkloadAnalysis MemoryWorkloadAnalysis SchedulerStats WarpStateStats Occupancy \
    LaunchStats; do
    sections+=(--section "$name")
  done
  for width in 128 64 256; do
    # One pass of each kind is enough, and they would share one count of launches.
    for kind in backward forward; do
      regex='hidden_gradient|weight_gradient|input_gradient|add_pieces' count=4
      [ $kind = backward ] || { regex=block_forward count=1; }
      task profile "$kind-$width" 40 ncu --clock-control none --graph-profiling node "${sections[@]}" --page raw --csv \
        --kernel-name "regex:$regex" --launch-count "$count" \
        "$out/build/blocks" --rows-log2 20 --widths "$width" --seconds 0.0002 || status=1
    done
  done
  "$python" "$here/counters.py" "$out"/profile-*.txt >"$out/counters.md" || status=1
  return $status
}
