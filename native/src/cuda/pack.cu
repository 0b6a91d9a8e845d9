// SPDX-License-Identifier: Apache-2.0
//
// pack: the weights of dilated_stack in the layout of its path. Every other op reads its parameters as they are: they
// are small, and a copy of them would be one more thing to keep up to date.
#include "cuda/dilated_stack.h"
#include "cuda/ops.h"

namespace pcd::cuda {

uint64_t pack_size(const cudaDeviceProp& device, const pcd_pack_entry& entry) {
  if (entry.op != PCD_OP_DILATED_STACK) return 64;
  const int64_t c = entry.channels;
  return stack::path(device, entry.dtype, c) == stack::Path::tensor ? stack::tensor::packed_bytes(c, entry.blocks)
                                                                    : stack::rows::packed_bytes(c, entry.blocks);
}

int32_t pack(const Queue& queue, const pcd_pack_desc& d) {
  for (int32_t i = 0; i < d.count; ++i) {
    const pcd_pack_entry& entry = d.entries[i];
    if (entry.op != PCD_OP_DILATED_STACK) continue;
    const float* parameters = data<const float>(entry.parameters);
    const bool tensor = stack::path(queue.device, entry.dtype, entry.channels) == stack::Path::tensor;
    (tensor ? stack::tensor::pack : stack::rows::pack)(queue, parameters, entry.channels, entry.blocks,
                                                       data<void>(entry.packed));
  }
  return queue.launched("pack");
}

}  // namespace pcd::cuda
