# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the GPU can do at most: our probes, then cuBLAS by PyTorch.
stage_ceilings() {
  local status=0 figures=yes arch config='{}' seconds=0.4
  environment ceilings
  if [ "$device" = cuda ]; then
    arch=$(compute_capability)
    [ "$out/build/ceilings" -nt "$here/ceilings.cu" ] ||
      nvcc -std=c++17 -O3 -gencode="arch=compute_$arch,code=sm_$arch" -o "$out/build/ceilings" "$here/ceilings.cu" \
        >>"$out/log.txt" 2>&1 || { say "ceilings: nvcc failed, see log.txt"; return 1; }
    task ceilings kernels 60 "$out/build/ceilings" --seconds 0.2 || status=1
  else
    say "ceilings: the CUDA kernels need a GPU; only the matrix products run on the CPU"
  fi
  [ -z "$quick" ] || { config='{"side": 64, "rows": 512, "widths": [16]}'; seconds=0.02; }
  wanted ceilings gemm || return $status
  PRECORDIA_BENCH_RESULTS=$out/ceilings.jsonl timeout $(($(left) < 60 ? $(left) : 60)) \
    "$python" "$here/peer/worker.py" gemm gemm "$config" --device "$device" --seconds "$seconds" \
    >>"$out/log.txt" 2>&1 || { say "ceilings: no matrix products, see log.txt (is there a PyTorch?)"; status=1; }
  return $status
}
