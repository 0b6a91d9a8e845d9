# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The benchmarks that a user has: training steps with their split by op, a trace with the GPU's kernels in it, every op
# against the GPU's ceilings with warm and cold caches, inference. In about 150 s, what tells most first.
stage_commands() {
  local status=0 size precision precordia sizes="base small large" points=(--time-budget 4) batches=128,2048
  local kernels=(--shapes 'B=128,2048;L=256;C=64,128,256;N=4096,65536' --time-budget 60)
  use_precordia commands || return 0
  if [ -n "$quick" ]; then
    sizes=small kernels=(--shapes 'B=2;L=16;C=8;N=4' --time-budget 1) points=(--time-budget 0.5 --length 64) batches=2,4
  fi
  local steps=("${points[@]}" --scaling batch --points "$batches")
  for precision in bf16 fp32; do
    [ "$device" = cuda ] || [ $precision = fp32 ] || continue
    for size in $sizes; do
      bench_command "train-$size-$precision" 60 train --size "$size" --precision "$precision" "${steps[@]}" || status=1
    done
    [ "$precision" = bf16 ] || [ "$device" != cuda ] || continue
    bench_trace "$precision" --size "${sizes%% *}" --batch "${batches#*,}" || status=1
    bench_command kernels 120 kernels "${kernels[@]}" || status=1
    bench_command "infer-base-$precision" 60 infer --size "${sizes%% *}" --batch 13 --precision "$precision" \
      "${points[@]}" || status=1
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

# A few steps with --profile, of which the trace must hold the backward pass: as kernels on a GPU, as ops on the CPU.
# CUPTI is the toolkit's, or the one that PyTorch brings.
bench_trace() { # PRECISION OPTION…
  local trace=$out/trace.json.gz event='"name":"dilated_stack_backward".*"cat":"op"' path
  path=$(cudnn_path):${CUDA_HOME:-/usr/local/cuda}/extras/CUPTI/lib64
  [ "$device" != cuda ] || event='"name":"[^"]*weight_gradient[^"]*".*"cat":"kernel"'
  # shellcheck disable=SC2016 # expanded by the inner shell
  task commands trace 60 env LD_LIBRARY_PATH="$path" bash -c '
    trace=$1 event=$2; shift 2; "$@" --profile "$trace" && zcat "$trace" | tr -d " " | grep -q "$event" && exit
    echo "no event $event in $trace"; exit 1' trace \
    "$trace" "$event" "${precordia[@]}" bench train --precision "$1" "${@:2}" --time-budget 1 \
    --backend "$device" --out "$out/build/trace.jsonl" || return 1
  [ ! -f "$trace" ] || "$python" "$here/kernel_times.py" "$trace" >"$out/kernel-times.md"
}
