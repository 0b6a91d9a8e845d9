// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on tensor cores, host side: sizes, the packed form, and the way to each width's unit.
#include "cuda/dilated_stack_tensor.h"

namespace pcd::cuda::stack::tensor {

extern template void forward<64>(const Queue&, const pcd_dilated_stack_desc&);
extern template void forward<128>(const Queue&, const pcd_dilated_stack_desc&);
extern template void forward<256>(const Queue&, const pcd_dilated_stack_desc&);
extern template void backward<64>(const Queue&, const pcd_dilated_stack_desc&);
extern template void backward<128>(const Queue&, const pcd_dilated_stack_desc&);
extern template void backward<256>(const Queue&, const pcd_dilated_stack_desc&);

int64_t shared_bytes(int64_t width) {
  const int c = static_cast<int>(width), groups = c == 64 ? 2 : 1, ring = c == 64 ? 0 : 2;
  return std::max({forward_shared_bytes(c, false, groups, ring, kGroupRows),
                   input_gradient_shared_bytes(c, false, groups, ring, kGroupRows),
                   c == 128 ? hidden_gradient_shared_bytes(c, false, 1, 0)
                            : hidden_gradient_shared_bytes(c, false, 2, c == 256 ? 2 : 0),
                   gradient_shared_bytes(c, 48, 2, 48)});
}

uint64_t packed_bytes(int64_t c, int blocks) {
  return static_cast<uint64_t>(blocks * kernels::stack::packed_bytes(c));
}

void pack(const Queue& queue, const float* parameters, int64_t c, int blocks, void* packed) {
  const dim3 grid(cuda::blocks(kernels::stack::packed_bytes(c) / kChunk, 256), static_cast<unsigned>(blocks));
  PCD_LAUNCH(pack_slabs, grid, 256, 0, queue.stream, parameters, static_cast<int>(c), static_cast<uint4*>(packed));
}

uint64_t saved_bytes(const Shape& s) { return Saved(nullptr, s).bytes; }

uint64_t workspace_bytes(const cudaDeviceProp& device, const Shape& s) { return Workspace(nullptr, device, s).bytes; }

void forward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  switch (d.input.shape[2]) {
    case 64: return forward<64>(queue, d);
    case 128: return forward<128>(queue, d);
    default: return forward<256>(queue, d);
  }
}

void backward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  switch (d.input.shape[2]) {
    case 64: return backward<64>(queue, d);
    case 128: return backward<128>(queue, d);
    default: return backward<256>(queue, d);
  }
}

}  // namespace pcd::cuda::stack::tensor
