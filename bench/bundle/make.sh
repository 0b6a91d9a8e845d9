#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs Precordia's benchmark for a bare Linux machine: one archive with a Java run time, the libraries, the check of
# every op against fp64, and `run`, which checks, measures and writes one result file. It needs no network, no Java, no
# Python and no data there; glibc of the building machine or newer, and a CPU of the same architecture.
#
# usage: bench/bundle/make.sh [--out FILE.tar.xz]   default: target/precordia-bench-linux-<architecture>.tar.xz
#
# First: ./mvnw package -DskipTests; for GPUs of any kind with -Pfat, on a machine with the CUDA toolkit. Needs JDK 25
# and xz.
set -eu -o pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
name=precordia-bench-linux-$(uname -m)
out=$root/target/$name.tar.xz
case ${1:-} in
  --out) out=${2:?} ;;
  "") ;;
  *) sed -n '3,11p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
native=$root/bindings/target/native
for built in "$root/java/target/modules" "$native/lib/libprecordia.so" "$native/tests"; do
  [ -e "$built" ] || { echo "make.sh: no ${built#"$root"/}: run ./mvnw package -DskipTests first" >&2; exit 1; }
done
. "$root/bench/java-image.sh"
jdk=$(find_jlink_jdk)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
pack=$scratch/$name
mkdir "$pack" "$pack/lib" "$pack/check"
link_image "$jdk" "$pack/image"
copy_modules "$jdk" "$pack/modules"
cp "$native/lib/libprecordia.so" "$pack/lib/"
[ ! -e "$native/lib/libprecordia_cuda.so" ] || cp "$native/lib/libprecordia_cuda.so" "$pack/lib/"
# The tests of ops, not those of the core, of one backend or of the executor that stands in for a GPU.
for test in "$native"/tests/*_test; do
  case $(basename "$test") in
    core_* | cpu_* | cuda_* | reference_* | simt_*) ;;
    *) cp "$test" "$pack/check/" ;;
  esac
done
strip --strip-unneeded "$pack"/check/* "$pack"/lib/*
install -m 755 "$root/bench/bundle/run" "$pack/run"
cp "$root/bench/bundle/README.txt" "$root/LICENSE" "$root/bench/results/schema.json" "$pack/"
git -C "$root" rev-parse HEAD >"$pack/COMMIT"

mkdir -p "$(dirname "$out")"
tar -C "$scratch" --owner=0 --group=0 --sort=name -cf - "$name" | xz -T0 -9 >"$out.tmp"
mv "$out.tmp" "$out"
echo "$out  $(du -m "$out" | cut -f1) MB, $(du -sm "$pack" | cut -f1) MB unpacked"
