// SPDX-License-Identifier: Apache-2.0
//
// multiply_add, host side.
#include "cuda/dilated_stack.h"
#include "cuda/ops.h"
#include "multiply_add/multiply_add.cuh"

namespace pcd::cuda {

int32_t multiply_add(const Queue& queue, const pcd_multiply_add_desc& d) {
  using namespace kernels::multiply_add;
  const unsigned processors = static_cast<unsigned>(queue.device.multiProcessorCount);
  const unsigned blocks = kBlocks * processors;
  const int rounds = static_cast<int>(d.rounds);
  double* const out = data<double>(d.operations);
  const auto operations = [&](unsigned grid, double products) { return 2 * products * grid * d.rounds; };
  if (d.dtype == PCD_DTYPE_F32) {
    PCD_LAUNCH(floats, blocks, kThreads, 0, queue.stream, rounds, operations(blocks, kFloatProducts), out);
    return queue.launched("multiply_add");
  }
  const int capability = stack::capability(queue.device);
  if (capability < 80) return queue.unsupported("the tensor cores of this GPU do not multiply bf16 (sm_80 and newer do)");
  if (capability == 90) {
    PCD_LAUNCH(wgmma_tiles, processors, kThreads, kTileBytes, queue.stream, rounds,
               operations(processors, kWgmmaProducts), out);
  } else {
    PCD_LAUNCH(mma, blocks, kThreads, 0, queue.stream, rounds, operations(blocks, kMmaProducts), out);
  }
  return queue.launched("multiply_add");
}

}  // namespace pcd::cuda
