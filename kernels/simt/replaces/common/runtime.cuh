// SPDX-License-Identifier: Apache-2.0
//
// Stands before kernels/common/runtime.cuh: kernels are functions of the host, launched by the executor.
#ifndef PCD_KERNELS_COMMON_RUNTIME_CUH
#define PCD_KERNELS_COMMON_RUNTIME_CUH

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include "simt/launch.h"
#include "simt/shared.h"

#define PCD_KERNEL [[maybe_unused]] static
#define PCD_DEVICE inline
#define PCD_BOTH constexpr

#define PCD_DYNAMIC_SHARED(type, name, alignment) \
  type* const name = static_cast<type*>(::pcd::simt::dynamic_shared(alignment))

#define PCD_LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
  ::pcd::simt::launch((kernel), (grid), (block), (shared_bytes), (stream), __VA_ARGS__)

#endif
