#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures a GPU machine: what it can do at most (ceilings) and what PyTorch reaches on it (peer).
#
# usage: bench/gpu/run-all.sh [--stage ceilings|peer|all] [--budget-s N] --out DIR
#                             [--device cuda|cpu] [--quick] [--only REGEX] [--python PROGRAM]
#
# Needs nvcc and a PyTorch with CUDA; no network, no Maven, no Java. Stages run in that order, each figure
# is one JSON line in DIR/<stage>.jsonl as soon as it is known, and what a stage has finished is not done
# again when the script is started anew on the same DIR. DIR/results.tar.gz holds everything at the end.
# --only picks peer tasks by name. --device cpu --quick runs every step on tiny shapes, to test the script
# where there is no GPU.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
stage=all budget=600 out= device=cuda quick= only= python=python3
usage() { sed -n '3,14p' "$0" | sed 's/^# \{0,1\}//'; exit "$1"; }
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
case $stage in ceilings | peer | all) ;; *) echo "run-all.sh: unknown stage $stage" >&2; exit 2 ;; esac
[ -n "$out" ] || { echo "run-all.sh: --out DIR is missing" >&2; exit 2; }
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
work=$(mktemp -d) || exit 1
begin=$SECONDS failed=0 smi=

left() { echo $((budget - (SECONDS - begin))); }
say() { echo "== [$(left) s left] $*"; }
finished() { [ -f "$1" ] && grep -q "\"record\": *\"done\".*\"task\": *\"$2\"" "$1"; }
archive() {
  [ -z "$smi" ] || kill "$smi" 2>/dev/null
  tar -C "$out" -czf "$work/results.tar.gz" --exclude=results.tar.gz . && cp "$work/results.tar.gz" "$out/"
  rm -rf "$work"
}
trap archive EXIT

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
for name in ceilings peer; do
  [ "$stage" = all ] || [ "$stage" = $name ] || continue
  say "stage $name"
  if "stage_$name"; then say "stage $name ended"; else say "stage $name FAILED"; failed=1; fi
done
"$python" "$here/summarise.py" "$out"/*.jsonl
exit $failed
