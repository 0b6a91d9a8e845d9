# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The library, the plug-in for the GPU that is here, the tests of the ops and the benchmarks, in OUT/build.
stage_build() {
  local options=(-DPCD_CUDA=OFF) generator=() targets=(precordia) op
  if [ "$device" = cuda ]; then
    options=(-DPCD_CUDA=ON -DPCD_CUDA_ARCHITECTURES="$(compute_capability)-real" -DCMAKE_CUDA_FLAGS=-Xptxas=-v)
    targets+=(precordia_cuda)
  fi
  for op in $ops; do targets+=("${op}_test"); done
  command -v ninja >/dev/null && generator=(-G Ninja)
  cmake -S "$root/native" -B "$out/build" "${generator[@]}" "${options[@]}" >"$out/log.txt" 2>&1 &&
    cmake --build "$out/build" -j "$(nproc)" --target "${targets[@]}" >>"$out/build.txt" 2>&1 ||
    { say "build: failed, see log.txt and build.txt"; return 1; }
  # Of a build that had something to compile.
  [ "$device" != cuda ] || ! grep -q 'ptxas info' "$out/build.txt" ||
    "$python" "$here/resources.py" "$out/build.txt" >"$out/resources.md"
  build_benchmark blocks && build_benchmark supcon && build_benchmark step "$root/bench/native/network_step.cc"
}

build_benchmark() { # NAME SOURCE…
  local name=$1
  shift
  c++ -std=c++17 -O2 -I"$root/native/include" -o "$out/build/$name" "$here/native/$name.cc" "$here/native/device.cc" \
    "$@" -L"$out/build/lib" -lprecordia -Wl,-rpath,"$out/build/lib" >>"$out/log.txt" 2>&1 ||
    { say "build: the benchmark $name does not compile, see log.txt"; return 1; }
}
