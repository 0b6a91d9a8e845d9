# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The benchmarks that a user has: every op against the GPU's ceilings, training steps, inference. Not yet run on a GPU.
stage_commands() {
  local status=0 precision size precordia sizes="base small large" kernels=(--time-budget 180) points=(--time-budget 15)
  use_precordia commands || return 0
  if [ -n "$quick" ]; then
    sizes=small kernels=(--shapes 'B=2;L=16;C=8;N=4' --time-budget 1) points=(--time-budget 0.5 --length 64)
  fi
  bench_command kernels 300 kernels "${kernels[@]}" || status=1
  for precision in bf16 fp32; do
    [ "$device" = cuda ] || [ $precision = fp32 ] || continue
    for size in $sizes; do
      local at=(--size "$size" --precision "$precision" "${points[@]}")
      bench_command "train-$size-$precision" 120 train "${at[@]}" || status=1
      bench_command "infer-$size-$precision" 60 infer --batch 13 "${at[@]}" || status=1
    done
  done
  return $status
}

bench_command() { # TASK LIMIT COMMAND OPTION…
  local task=$1 limit=$2
  shift 2
  # What the command says goes to the log, its lines to the stage's figures.
  # shellcheck disable=SC2016 # expanded by the inner shell
  figures=yes task commands "$task" "$limit" bash -c 'file=$1; shift; "$@" --out "$file" >&2 && cat "$file"' bench \
    "$out/build/$task.jsonl" "${precordia[@]}" bench "$@" --backend "$device"
}
