# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Precordia's own figures through its ABI, and cuDNN's convolution beside the block. First bf16, which has the bars.
stage_bench() {
  local status=0 precision size figures=yes precisions="bf16 fp32"
  local block=(--rows-log2 21 --seconds 0.3) supcon=(--seconds 0.3) step=(--seconds 0.3) sizes="base small large"
  if [ -n "$quick" ]; then
    block=(--rows-log2 12 --widths 16 --seconds 0.02) supcon=(--counts 64 --seconds 0.02)
    step=(--batches 4,6 --seconds 0.02) sizes=quick
  fi
  [ "$device" = cuda ] || precisions=fp32 # all that the CPU computes in
  environment bench
  for precision in $precisions; do
    local common=(--backend "$device" --precision "$precision")
    task bench "blocks-$precision" 120 "$out/build/blocks" "${common[@]}" "${block[@]}" || status=1
    task bench "supcon-$precision" 120 "$out/build/supcon" "${common[@]}" "${supcon[@]}" || status=1
    for size in $sizes; do
      task bench "step-$size-$precision" 120 "$out/build/step" "${common[@]}" --sizes "$size" "${step[@]}" || status=1
    done
    if use_java bench; then
      task bench "cudnn-$precision" 120 env LD_LIBRARY_PATH="$(cudnn_path)" "${java_command[@]}" \
        org.precordia.bench.cudnn.CudnnBlocks --precision "$precision" ${quick:+--rows-log2 12 --seconds 0.02} ||
        status=1
    fi
  done
  return $status
}
