// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack, host side: chooses the path (cuda/dilated_stack.h).
#include "cuda/dilated_stack.h"

#include <algorithm>
#include <cstdlib>

#include "cuda/ops.h"

namespace pcd::cuda {
namespace stack {

int capability(const cudaDeviceProp& device) {
  const int own = 10 * device.major + device.minor;
  const char* limit = std::getenv("PCD_CUDA_CAPABILITY");
  const int lowered = limit == nullptr || *limit == 0 ? own : std::min(own, std::atoi(limit));
  return lowered < 90 ? lowered : own;  // wgmma is sm_90's alone: newer GPUs cannot stand in for it
}

Path path(const cudaDeviceProp& device, int32_t dtype, int64_t c) {
  const bool serves = dtype == PCD_DTYPE_BF16 && (c == 64 || c == 128 || c == 256) && capability(device) >= 80;
  const bool fits = serves && static_cast<int64_t>(device.sharedMemPerBlockOptin) >= tensor::shared_bytes(c);
  return fits ? Path::tensor : Path::rows;
}

}  // namespace stack

namespace {

bool on_tensor_cores(const cudaDeviceProp& device, const pcd_dilated_stack_desc& d) {
  return stack::path(device, d.input.dtype, d.input.shape[2]) == stack::Path::tensor;
}

}  // namespace

uint64_t dilated_stack_saved(const cudaDeviceProp& device, const pcd_dilated_stack_desc& d) {
  const stack::Shape shape(d);
  return on_tensor_cores(device, d) ? stack::tensor::saved_bytes(shape) : stack::rows::saved_bytes(shape);
}

uint64_t dilated_stack_workspace(const cudaDeviceProp& device, const pcd_dilated_stack_desc& d) {
  const stack::Shape shape(d);
  return on_tensor_cores(device, d) ? stack::tensor::workspace_bytes(device, shape)
                                    : stack::rows::workspace_bytes(shape);
}

int32_t dilated_stack_forward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  on_tensor_cores(queue.device, d) ? stack::tensor::forward(queue, d) : stack::rows::forward(queue, d);
  return queue.launched("dilated_stack_forward");
}

int32_t dilated_stack_backward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  on_tensor_cores(queue.device, d) ? stack::tensor::backward(queue, d) : stack::rows::backward(queue, d);
  return queue.launched("dilated_stack_backward");
}

}  // namespace pcd::cuda
