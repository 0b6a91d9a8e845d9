#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries and measures a GPU machine, stage by stage (stages/), what is short and decides most first:
#   build      the library and the CUDA plug-in, for this machine's GPU alone
#   test       every op on each path of that GPU; training and prediction in Java
#   bench      blocks, SupCon, training steps (graph and op by op), the cuDNN yardstick
#   ceilings   what the GPU can do at most
#   profile    counters of the block's kernels by Nsight Compute
#   train      `precordia train`, one epoch over a synthetic set of PTB-XL's size
#   commands   `precordia bench kernels`, `train` and `infer` (docs/benchmarks.md)
#   sanitize   the ops under compute-sanitizer; whether profiler counters can be read
#   peer       what PyTorch reaches: eager, compiled, tuned
#
# usage: bench/gpu/run-all.sh --out DIR [--stage NAME|all] [--budget-s N] [--java PACK] [--shard FILE] [--only REGEX]
#                             [--device cuda|cpu] [--quick] [--python PROGRAM]
#   --budget-s N   seconds for this call (600)
#   --java PACK    what pack-java.sh made, packed or unpacked; without it the Java parts are left out
#   --shard FILE   also train on this data set, made by `precordia prepare`
#   --only REGEX   only tasks whose name matches
#   --python P     the Python that has PyTorch, for peer and the matrix products of ceilings
#
# Needs nvcc, CMake and a C++ compiler; no network, no Maven, no Java installed. Each figure is a JSON line in
# DIR/STAGE.jsonl as soon as it is known; a task that has ended well is not done again when the script is started anew
# on the same DIR. At the end DIR/summary.txt holds tables and ratios, and DIR/results.tar.gz everything but the build.
# --device cpu --quick runs every step on tiny shapes on the CPU, to test the script where there is no GPU.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
stage=all budget=600 out='' java='' shard='' only='' device=cuda quick='' python=python3
usage() { sed -n '3,25p' "$0" | sed 's/^# \{0,1\}//'; exit "$1"; }
while [ $# -gt 0 ]; do
  case $1 in
    --stage) stage=${2:?}; shift ;;
    --budget-s) budget=${2:?}; shift ;;
    --out) out=${2:?}; shift ;;
    --java) java=${2:?}; shift ;;
    --shard) shard=${2:?}; shift ;;
    --only) only=${2:?}; shift ;;
    --device) device=${2:?}; shift ;;
    --python) python=${2:?}; shift ;;
    --quick) quick=--quick ;;
    -h | --help) usage 0 ;;
    *) echo "run-all.sh: unknown option $1" >&2; usage 2 >&2 ;;
  esac
  shift
done
stages="build test bench ceilings profile train commands sanitize peer"
case " $stages all " in *" $stage "*) ;; *) echo "run-all.sh: unknown stage $stage" >&2; exit 2 ;; esac
[ -n "$out" ] || { echo "run-all.sh: --out DIR is missing" >&2; exit 2; }
[ -z "$shard" ] || [ -f "$shard" ] || { echo "run-all.sh: no file $shard" >&2; exit 2; }
mkdir -p "$out/build" && out=$(cd "$out" && pwd) || exit 1
begin=$SECONDS failed=0 smi=''
ops=$(cd "$root/native/tests" && ls -- *_test.cc | sed -E 's/_test\.cc$//; /^(core|cpu|reference|cuda|simt)_/d')
[ -z "$quick" ] || ops="fill supcon"

left() { echo $((budget - (SECONDS - begin))); }
say() { echo "== [$(left) s left] $*"; }

record() { # STAGE done|failed TASK [NOTE]
  local note=${4:+", \"note\": \"${4//\"/\'}\""}
  echo "{\"record\": \"$2\", \"stage\": \"$1\", \"task\": \"$3\"$note}" >>"$out/$1.jsonl"
}

wanted() { # STAGE TASK: whether the task is chosen and has not ended well before
  [[ $2 =~ $only ]] || return 1
  ! grep -qs "\"record\": *\"done\".*\"task\": *\"$2\"" "$out/$1.jsonl"
}

last_line() { grep -v '^ *$' "$1" | tail -n 1 | tr -d '\\' | cut -c 1-300; }

# Runs a task once, in at most LIMIT seconds of what is left, and records its end. Its output goes to
# OUT/STAGE-TASK.txt; with figures=yes its standard output is lines of OUT/STAGE.jsonl.
task() { # STAGE TASK LIMIT COMMAND…
  local name=$1 task=$2 limit=$3 log="$out/$1-$2.txt" status
  shift 3
  wanted "$name" "$task" || return 0
  [ "$(left)" -gt 3 ] || { say "$name: no time left for $task"; return 1; }
  [ "$(left)" -ge "$limit" ] || limit=$(left)
  if [ -n "${figures:-}" ]; then
    timeout "$limit" "$@" >>"$out/$name.jsonl" 2>"$log"
  else
    timeout "$limit" "$@" >"$log" 2>&1
  fi
  status=$?
  case $status in
    0)
      # Some say themselves that there was nothing to measure.
      [ -n "${figures:-}" ] && tail -n 1 "$out/$name.jsonl" | grep -q '"record": *"failed"' ||
        record "$name" done "$task"
      return 0
      ;;
    77) record "$name" failed "$task" "skipped: $(last_line "$log")" ;;
    124) record "$name" failed "$task" "not done in $limit s" ;;
    *) record "$name" failed "$task" "exit status $status: $(last_line "$log")" ;;
  esac
  say "$name: $task: $(tail -n 1 "$out/$name.jsonl" | sed 's/.*"note": "\(.*\)"}/\1/'); see ${log##*/}"
  return 1
}

compute_capability() {
  nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d . | sed 's/^90$/90a/'
}

environment() { "$python" "$here/environment.py" >>"$out/$1.jsonl"; }

# Sets `java_command`: the packed Java, with what is packed on its class path.
use_java() {
  [ -n "$java" ] || { say "$1: no --java PACK: the Java parts are left out"; return 1; }
  if [ -f "$java" ]; then
    [ -x "$out/build/precordia-java/image/bin/java" ] || tar -C "$out/build" -xf "$java" || return 1
    java=$out/build/precordia-java
  fi
  [ -x "$java/image/bin/java" ] || { say "$1: no image/bin/java in $java: pack-java.sh makes it"; return 1; }
  java_command=("$java/image/bin/java" -XX:+UseParallelGC --enable-native-access=ALL-UNNAMED
    -Dprecordia.library="$out/build/lib"
    -cp "$java/modules/*:$java/bench:$java/tests/java:$java/tests/bench:$java/junit.jar")
}

# Sets `precordia`: the command of the packed modules.
use_precordia() {
  use_java "$1" || return 1
  precordia=("$java/image/bin/java" -XX:+UseParallelGC --enable-native-access=org.precordia.bindings
    -Dprecordia.library="$out/build/lib" --module-path "$java/modules" --module org.precordia/org.precordia.cli.Main)
}

# Where the dynamic linker may find the cuDNN that PyTorch brings, and what cuDNN itself loads.
cudnn_path() {
  "$python" - 2>/dev/null <<'PYTHON' || true
import glob, os, sysconfig
found = glob.glob(os.path.join(sysconfig.get_paths()["purelib"], "nvidia", "*", "lib"))
print(":".join(found + [p for p in [os.environ.get("LD_LIBRARY_PATH")] if p]))
PYTHON
}

finish() {
  [ -z "$smi" ] || kill "$smi" 2>/dev/null
  if compgen -G "$out/*.jsonl" >/dev/null; then
    "$python" "$here/summarise.py" "$out"/*.jsonl 2>&1 | tee "$out/summary.txt"
  fi
  tar -C "$out" -czf "$out/build/results.tar.gz" --exclude=./results.tar.gz --exclude=./build . &&
    mv "$out/build/results.tar.gz" "$out/"
}
if [ "$device" = cuda ]; then
  command -v nvidia-smi >/dev/null || { echo "run-all.sh: no nvidia-smi here: no CUDA device" >&2; exit 1; }
  nvidia-smi --query-gpu=timestamp,clocks.sm,clocks.mem,power.draw,temperature.gpu,utilization.gpu \
    --format=csv,nounits -lms 1000 >>"$out/clocks.csv" 2>&1 &
  smi=$!
fi
trap finish EXIT
export PYTHONDONTWRITEBYTECODE=1
for name in $stages; do
  [ "$stage" = all ] || [ "$stage" = "$name" ] || continue
  # shellcheck source=/dev/null
  . "$here/stages/$name.sh"
  say "stage $name"
  if "stage_$name"; then say "stage $name ended"; else say "stage $name FAILED"; failed=1; fi
done
exit $failed
