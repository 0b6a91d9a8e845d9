# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# `precordia train` for one epoch, recipe joint: over a synthetic set of PTB-XL's size (21,799 records of ten seconds at
# 100 Hz), at the recipe's batch and at one that fills a GPU; and over --shard. In fp32 `base` alone, as the command takes
# longer to start than an epoch of the others to run.
stage_train() {
  local status=0 patients=21799 cohort=$out/build/cohort.shard size precision batch
  local sizes="base small large" precisions="bf16 fp32" batches="128 1024"
  local precordia
  use_precordia train || return 0
  if [ -n "$quick" ]; then patients=40 sizes=small batches=16; fi
  [ "$device" = cuda ] || precisions=fp32
  environment train
  for precision in $precisions; do
    [ "$precision" = bf16 ] || [ "$device" != cuda ] || sizes=base
    for size in $sizes; do
      for batch in $batches; do
        train_epoch synthetic "$cohort" "$size" "$precision" "$batch" || status=1
      done
      [ -z "$shard" ] || train_epoch shard "$shard" "$size" "$precision" 128 || status=1
    done
  done
  return $status
}

train_epoch() { # NAME FILE SIZE PRECISION BATCH
  local task=$1-$3-$4-$5 run=$out/build/runs/$1-$3-$4-$5 short=()
  wanted train "$task" || return 0
  # Whatever tasks were chosen, they need it.
  [ -f "$2" ] || only='' task train prepare 300 "${precordia[@]}" prepare --synthetic $patients --out "$2" || return 1
  [ -z "$quick" ] || short=(--max-steps 3)
  rm -rf "$run"
  figures=yes task train "$task" 180 "$python" "$here/epoch.py" --data "$1" --run "$run" -- "${precordia[@]}" train \
    --data "$2" --out "$run" --size "$3" --precision "$4" --backend "$device" --epochs 1 \
    --set "stages.0.sampler.windows=$5" --json "${short[@]}"
}
