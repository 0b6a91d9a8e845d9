// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack, host side: the shape, the memory plan and the paths. CUDA cores run any shape (dilated_stack_rows.cu);
// bf16 storage with C = 64, 128 or 256 on sm_80 and newer runs on tensor cores (dilated_stack_tensor.cu).
#ifndef PCD_CUDA_DILATED_STACK_H
#define PCD_CUDA_DILATED_STACK_H

#include "cuda/queue.h"

namespace pcd::cuda::stack {

struct Shape {
  int64_t batch, length, rows, c;
  int blocks;
  bool inference, accumulate;

  explicit Shape(const pcd_dilated_stack_desc& d)
      : batch(d.input.shape[0]), length(d.input.shape[1]), rows(batch * length), c(d.input.shape[2]),
        blocks(d.blocks), inference((d.flags & PCD_FLAG_INFERENCE) != 0),
        accumulate((d.flags & PCD_FLAG_ACCUMULATE) != 0) {}
};

// Hands out pieces of one allocation, each aligned to 256 bytes.
class Plan {
 public:
  explicit Plan(void* base) : base_(static_cast<char*>(base)) {}

  template <typename T = char>
  T* take(uint64_t count) {
    char* piece = base_ == nullptr ? nullptr : base_ + used_;
    used_ += (count * sizeof(T) + 255) / 256 * 256;
    return reinterpret_cast<T*>(piece);
  }
  uint64_t used() const { return used_; }

 private:
  char* base_;
  uint64_t used_ = 0;
};

enum class Path { rows, tensor };

// Which path serves activations of this type and width. The capability may be lowered by PCD_CUDA_CAPABILITY (75, 80),
// so that one GPU tests every path.
int capability(const cudaDeviceProp& device);
Path path(const cudaDeviceProp& device, int32_t dtype, int64_t c);

namespace rows {
uint64_t packed_bytes(int64_t c, int blocks);
void pack(const Queue& queue, const float* parameters, int64_t c, int blocks, void* packed);
uint64_t saved_bytes(const Shape& shape);
uint64_t workspace_bytes(const Shape& shape);
void forward(const Queue& queue, const pcd_dilated_stack_desc& desc);
void backward(const Queue& queue, const pcd_dilated_stack_desc& desc);
}  // namespace rows

namespace tensor {
// Of a block, so that each step has a kernel at any dilation: what its last candidate needs.
int64_t shared_bytes(int64_t c);
uint64_t packed_bytes(int64_t c, int blocks);
void pack(const Queue& queue, const float* parameters, int64_t c, int blocks, void* packed);
uint64_t saved_bytes(const Shape& shape);
uint64_t workspace_bytes(const cudaDeviceProp& device, const Shape& shape);
void forward(const Queue& queue, const pcd_dilated_stack_desc& desc);
void backward(const Queue& queue, const pcd_dilated_stack_desc& desc);
}  // namespace tensor

}  // namespace pcd::cuda::stack

#endif
