#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the CPU backend beside PyTorch on this machine: training steps, inference, one record, SupCon (compare.py:
# rivals in turns), the ops of a step (precordia_roofline), the ops and steps from Java (JMH) and the peak memory of a
# training run.
#
# usage: bench/cpu/run-all.sh --out DIR [--python PROGRAM] [--threads 2] [--rounds 5] [--seconds 3] [--ptb-xl DIR]
#                             [--only REGEX] [--quick] [--no-java]
#
# Needs CMake, a C++17 compiler, JDK 25 with Maven (unless --no-java or built already) and a Python with PyTorch. Builds
# the native side in DIR/build. Every figure is a JSON line in DIR/cpu.jsonl as soon as it is known; what is finished
# is not done again when the script is started anew on the same DIR. DIR/summary.md is the result. Leave the machine
# alone meanwhile (about an hour). --only picks groups by name: "training small", "inference base 128", "record",
# "supcon any", "ops", "jmh", "memory". --quick runs everything on tiny shapes, to test the script.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out= python=python3 threads=2 rounds=5 seconds=3 only= quick= java_side=1 ptbxl=
usage() { sed -n '3,17p' "$0" | sed 's/^# \{0,1\}//'; exit "$1"; }
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?}; shift ;;
    --python) python=${2:?}; shift ;;
    --threads) threads=${2:?}; shift ;;
    --rounds) rounds=${2:?}; shift ;;
    --seconds) seconds=${2:?}; shift ;;
    --ptb-xl) ptbxl=${2:?}; shift ;;
    --only) only=${2:?}; shift ;;
    --quick) quick=--quick ;;
    --no-java) java_side= ;;
    -h | --help) usage 0 ;;
    *) echo "run-all.sh: unknown option $1" >&2; usage 2 >&2 ;;
  esac
  shift
done
[ -n "$out" ] || { echo "run-all.sh: --out DIR is missing" >&2; exit 2; }
"$python" -c 'import torch' 2>/dev/null || { echo "run-all.sh: $python has no PyTorch; name one with --python" >&2; exit 1; }
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
results=$out/cpu.jsonl log=$out/log.txt failed=0
[ -n "$quick" ] && { rounds=2 seconds=0.05; }
export PYTHONDONTWRITEBYTECODE=1

wanted() {  # NAME: picked, and not finished before
  [[ $1 =~ $only ]] || return 1
  ! { [ -f "$results" ] && grep -q "\"record\": \"done\".*\"task\": \"$1\"" "$results"; }
}
done_with() { echo "{\"record\": \"done\", \"stage\": \"cpu\", \"task\": \"$1\"}" >>"$results"; }
say() { echo "[$(date +%H:%M:%S)] $*"; }

# ------------------------------------------------------------------------------------------------------------ build --
say "building the native side"
generator=()
command -v ninja >/dev/null && [ ! -e "$out/build/CMakeCache.txt" ] && generator=(-G Ninja)
cmake -S "$root/native" -B "$out/build" "${generator[@]}" -DPCD_BENCH=ON -DPCD_TESTS=OFF -DPCD_CUDA=OFF >>"$log" 2>&1 &&
  cmake --build "$out/build" -j "$(nproc)" >>"$log" 2>&1 || { echo "run-all.sh: the build failed, see $log" >&2; exit 1; }
java=java
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  grep -qsE '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release" && java=$home/bin/java && break
done
if [ -n "$java_side" ] && { [ ! -d "$root/java/target/modules" ] || [ ! -d "$root/bench/target/lib" ]; }; then
  say "building the Java side"
  "$root/mvnw" -q -f "$root/pom.xml" package -DskipTests -Dnative.skip >>"$log" 2>&1 ||
    { echo "run-all.sh: the Java side does not build, see $log; measuring without it" >&2; java_side=; failed=1; }
fi
PRECORDIA_COMMIT=$(git -C "$root" rev-parse --verify HEAD 2>/dev/null) PRECORDIA_JAVA=$java \
  "$python" "$root/bench/gpu/environment.py" >>"$results"

# ---------------------------------------------------------------------------------------------------------- measure --
no_java=
[ -n "$java_side" ] || no_java=--no-java
"$python" "$here/compare.py" --out "$out" --build "$out/build" --threads "$threads" --rounds "$rounds" \
  --seconds "$seconds" --only "$only" $quick $no_java || failed=1

if wanted ops; then
  say "ops of a step"
  channels="64 128" shape=
  [ -n "$quick" ] && channels=16 shape="--batch 4"
  for width in $channels; do
    for precision in fp32 bf16; do
      option=
      [ $precision = fp32 ] || option="--precision $precision"
      # shellcheck disable=SC2086 # options are words
      "$out/build/bench/precordia_roofline" --threads "$threads" --channels "$width" --seconds "$seconds" --json yes \
        $shape $option >"$work/ops.jsonl" 2>>"$log" && cat "$work/ops.jsonl" >>"$results" ||
        say "  $precision at $width channels: not supported by this build or processor, see $log"
    done
  done
  done_with ops
fi

if [ -n "$java_side" ] && wanted jmh; then
  say "ops from Java"
  width=64 batch=128 time=$seconds
  [ -n "$quick" ] && width=16 batch=4
  [ "${time%%.*}" -ge 1 ] 2>/dev/null || time=1
  if JDK_JAVA_OPTIONS=-Dprecordia.library=$out/build/lib "$root/bench/jmh" 'OpBenchmark|DowncallBenchmark' -f 1 -wi 2 \
    -w 1s -i 5 -r "${time%%.*}s" -foe true -p width=$width -p batch=$batch -p threads="$threads" -rf json \
    -rff "$out/jmh.json" >>"$log" 2>&1; then
    done_with jmh
  else
    say "JMH failed, see $log"; failed=1
  fi
fi

if [ -n "$java_side" ] && wanted memory; then
  say "peak memory of a training run"
  steps=60
  [ -n "$quick" ] && steps=2
  "$python" "$here/training_memory.py" --results "$results" --library "$out/build/lib" --work "$work" --log "$log" \
    --steps $steps --threads "$threads" --java "$java" ${ptbxl:+--ptb-xl "$ptbxl"} && done_with memory || failed=1
fi

"$python" "$here/summarise.py" "$results" >"$out/summary.md" && say "$out/summary.md"
exit $failed
