#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries and measures a GPU machine: the CUDA plug-in is built for this machine's GPU (build), every op's test runs on
# each path of it (test) and under compute-sanitizer (sanitize), blocks are timed (bench); then what the GPU can do at
# most (ceilings) and what PyTorch reaches on it (peer).
#
# usage: bench/gpu/run-all.sh [--stage build|test|sanitize|bench|ceilings|peer|all] [--budget-s N] --out DIR
#                             [--device cuda|cpu] [--quick] [--only REGEX] [--python PROGRAM]
#
# Needs nvcc, CMake and, for ceilings and peer, a PyTorch with CUDA; no network, no Maven, no Java. Stages run in
# that order, each figure is one JSON line in DIR/<stage>.jsonl as soon as it is known, and what a stage has
# finished is not done again when the script is started anew on the same DIR. DIR/results.tar.gz holds
# everything but the build at the end.
# --only picks peer tasks by name. --device cpu --quick runs every step on tiny shapes, to test the script
# where there is no GPU.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
stage=all budget=600 out= device=cuda quick= only= python=python3
usage() { sed -n '3,15p' "$0" | sed 's/^# \{0,1\}//'; exit "$1"; }
while [ $# -gt 0 ]; do
  case $1 in
    --stage) stage=${2:?}; shift ;;
    --budget-s) budget=${2:?}; shift ;;
    --out) out=${2:?}; shift ;;
    --only) only=${2:?}; shift ;;
    --device) device=${2:?}; shift ;;
    --python) python=${2:?}; shift ;;
    --quick) quick=--quick ;;
    -h | --help) usage 0 ;;
    *) echo "run-all.sh: unknown option $1" >&2; usage 2 >&2 ;;
  esac
  shift
done
case $stage in build | test | sanitize | bench | ceilings | peer | all) ;; *) echo "run-all.sh: unknown stage $stage" >&2; exit 2 ;; esac
[ -n "$out" ] || { echo "run-all.sh: --out DIR is missing" >&2; exit 2; }
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
work=$(mktemp -d) || exit 1
begin=$SECONDS failed=0 smi=

left() { echo $((budget - (SECONDS - begin))); }
say() { echo "== [$(left) s left] $*"; }
finished() { [ -f "$1" ] && grep -q "\"record\": *\"done\".*\"task\": *\"$2\"" "$1"; }
archive() {
  [ -z "$smi" ] || kill "$smi" 2>/dev/null
  tar -C "$out" -czf "$work/results.tar.gz" --exclude=results.tar.gz --exclude=./build . && cp "$work/results.tar.gz" "$out/"
  rm -rf "$work"
}
trap archive EXIT

record() {  # FILE done|failed STAGE TASK [NOTE]
  echo "{\"record\": \"$2\", \"stage\": \"$3\", \"task\": \"$4\"${5:+, \"note\": \"$5\"}}" >>"$1"
}

stage_build() {
  [ "$device" = cuda ] || { say "build: the plug-in is for GPUs"; return 0; }
  local capability
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .) || return 1
  [ "$capability" = 90 ] && capability=90a
  local generator=()
  command -v ninja >/dev/null && generator=(-G Ninja)
  cmake -S "$here/../../native" -B "$out/build" "${generator[@]}" -DPCD_CUDA=ON \
    -DPCD_CUDA_ARCHITECTURES="$capability-real" -DCMAKE_CUDA_FLAGS=-Xptxas=-v >>"$out/log.txt" 2>&1 &&
    cmake --build "$out/build" -j "$(nproc)" >"$out/build.txt" 2>&1 &&
    "$python" "$here/resources.py" "$out/build.txt" >"$out/resources.md" &&
    c++ -std=c++17 -O2 -I"$here/../../native/include" -o "$out/build/blocks" "$here/blocks.cc" \
      -L"$out/build/lib" -lprecordia -Wl,-rpath,"$out/build/lib" >>"$out/log.txt" 2>&1 ||
    { say "build: failed, see log.txt and build.txt"; return 1; }
}

# The tests of ops, on the GPU's own path and on those of older GPUs, whose kernels it runs too.
stage_test() {
  [ "$device" = cuda ] || return 0
  local results=$out/test.jsonl capability test name status=0
  for capability in "" 80 75; do
    for test in "$out"/build/tests/*_test; do
      name=$(basename "$test")
      case $name in core_* | cpu_* | reference_*) continue ;; esac
      [ -z "$capability" ] || [ "$name" = dilated_stack_test ] || continue
      finished "$results" "$name$capability" && continue
      if PCD_TEST_BACKEND=cuda PCD_TEST_REQUIRE_DEVICE=1 PCD_CUDA_CAPABILITY=$capability \
        timeout $(($(left) < 120 ? $(left) : 120)) "$test" >"$out/$name$capability.txt" 2>&1; then
        record "$results" done test "$name$capability"
      else
        say "test: $name ${capability:+as sm_$capability }failed, see $name$capability.txt"
        record "$results" failed test "$name$capability" "exit status or time limit"
        status=1
      fi
    done
  done
  return $status
}

stage_sanitize() {
  [ "$device" = cuda ] || return 0
  local results=$out/sanitize.jsonl tool name status=0
  if ! command -v compute-sanitizer >/dev/null ||
    ! PCD_TEST_BACKEND=cuda compute-sanitizer --error-exitcode 9 "$out/build/tests/fill_test" >"$out/sanitizer.txt" 2>&1; then
    say "sanitize: compute-sanitizer is absent or refuses this device"
    record "$results" failed sanitize compute-sanitizer "absent, or the virtualisation refuses it"
    return 0
  fi
  for tool in memcheck racecheck; do
    for name in dilated_stack stem head film pool_project classifier supcon gather_augment reconstruction_loss adamw ridge; do
      finished "$results" "$tool-$name" && continue
      [ "$(left)" -gt 20 ] || return 1
      if PCD_TEST_BACKEND=cuda timeout $(($(left) < 120 ? $(left) : 120)) compute-sanitizer --tool $tool \
        --error-exitcode 9 "$out/build/tests/${name}_test" >"$out/$tool-$name.txt" 2>&1; then
        record "$results" done sanitize "$tool-$name"
      else
        say "sanitize: $tool on $name failed, see $tool-$name.txt"
        record "$results" failed sanitize "$tool-$name" "errors or time limit"
        status=1
      fi
    done
  done
  return $status
}

stage_bench() {
  [ "$device" = cuda ] || return 0
  local results=$out/bench.jsonl precision seconds=0.3 rows=21
  [ -z "$quick" ] || { seconds=0.02; rows=16; }
  "$python" "$here/environment.py" >>"$results"
  for precision in bf16 fp32; do
    finished "$results" "blocks-$precision" && continue
    timeout $(($(left) < 120 ? $(left) : 120)) "$out/build/blocks" --precision $precision --seconds $seconds \
      --rows-log2 $rows >>"$results" 2>>"$out/log.txt" || return 1
    record "$results" done bench "blocks-$precision"
  done
}

stage_ceilings() {
  local results=$out/ceilings.jsonl
  "$python" "$here/environment.py" >>"$results"
  if finished "$results" kernels; then
    say "ceilings: kernels were measured before"
  elif [ "$device" != cuda ]; then
    say "ceilings: the CUDA kernels need a GPU; only the matrix products run on the CPU"
  else
    local capability arch
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .) || return 1
    arch=$capability
    [ "$capability" = 90 ] && arch=90a
    nvcc -std=c++17 -O3 -gencode="arch=compute_$arch,code=sm_$arch" -o "$work/ceilings" \
      "$here/ceilings.cu" >>"$out/log.txt" 2>&1 || { say "ceilings: nvcc failed, see log.txt"; return 1; }
    timeout $(($(left) < 60 ? $(left) : 60)) "$work/ceilings" --seconds 0.2 >>"$results" || return 1
    echo '{"record": "done", "stage": "ceilings", "task": "kernels"}' >>"$results"
  fi
  if finished "$results" gemm; then
    say "ceilings: matrix products were measured before"
    return 0
  fi
  local config='{}' seconds=0.4
  [ -z "$quick" ] || { config='{"side": 64, "rows": 512, "widths": [16]}'; seconds=0.02; }
  PRECORDIA_BENCH_RESULTS=$results timeout $(($(left) < 60 ? $(left) : 60)) \
    "$python" "$here/peer/worker.py" gemm gemm "$config" --device "$device" --seconds "$seconds" \
    >>"$out/log.txt" 2>&1
}

stage_peer() {
  local results=$out/peer.jsonl
  "$python" "$here/environment.py" >>"$results"
  "$python" "$here/peer/schedule.py" --results "$results" --log "$out/log.txt" \
    --budget-s $(($(left) - 10)) --device "$device" --only "$only" $quick
}

if [ "$device" = cuda ]; then
  command -v nvidia-smi >/dev/null || { echo "run-all.sh: no nvidia-smi here: no CUDA device" >&2; exit 1; }
  nvidia-smi --query-gpu=timestamp,clocks.sm,clocks.mem,power.draw,temperature.gpu,utilization.gpu \
    --format=csv,nounits -lms 1000 >>"$out/clocks.csv" 2>&1 &
  smi=$!
fi
export PYTHONDONTWRITEBYTECODE=1
for name in build test sanitize bench ceilings peer; do
  [ "$stage" = all ] || [ "$stage" = $name ] || continue
  say "stage $name"
  if "stage_$name"; then say "stage $name ended"; else say "stage $name FAILED"; failed=1; fi
done
"$python" "$here/summarise.py" "$out"/*.jsonl
exit $failed
