#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trains the same run on one rank and on several, a process each, and compares: loss of every step, parameters at the
# end. Prints a table, and JSON Lines with --json FILE.
#
# usage: bench/distributed/equality.sh --data SHARD --out DIR [--ranks "2 4"] [--steps 50] [--size small]
#                                      [--recipe joint] [--accumulate 1] [--threads 1] [--json FILE]
#
# Needs Open MPI's mpirun, and a library built where mpicc was found. Ranks may be more than there are cores: slow, but
# the same numbers.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data= out= ranks="2 4" steps=50 size=small recipe=joint accumulate=1 threads=1 json=
usage() { sed -n '3,10p' "$0" | sed 's/^# \{0,1\}//'; exit "$1"; }
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=${2:?}; shift ;;
    --out) out=${2:?}; shift ;;
    --ranks) ranks=${2:?}; shift ;;
    --steps) steps=${2:?}; shift ;;
    --size) size=${2:?}; shift ;;
    --recipe) recipe=${2:?}; shift ;;
    --accumulate) accumulate=${2:?}; shift ;;
    --threads) threads=${2:?}; shift ;;
    --json) json=${2:?}; shift ;;
    -h | --help) usage 0 ;;
    *) echo "equality.sh: unknown option $1" >&2; usage 2 >&2 ;;
  esac
  shift
done
[ -n "$data" ] && [ -n "$out" ] || usage 2 >&2
command -v mpirun >/dev/null || { echo "equality.sh: there is no mpirun on PATH" >&2; exit 1; }
mkdir -p "$out"

train() { # RANKS
  [ -e "$out/$1/checkpoint.safetensors" ] && return 0
  "${launch[@]}" "$root/precordia" train --data "$data" --out "$out/$1" --backend cpu --threads "$threads" \
    --size "$size" --recipe "$recipe" --accumulate "$accumulate" --max-steps "$steps" --seed 1
}

# Built, if need be, before several ranks would do so.
"$root/precordia" --version
launch=(env)
train 1
for count in $ranks; do
  launch=(mpirun --oversubscribe --allow-run-as-root --bind-to none -n "$count")
  train "$count"
done
for count in $ranks; do
  python3 "$here/equality.py" "$out/1" "$out/$count" ${json:+--json "$json"}
done
