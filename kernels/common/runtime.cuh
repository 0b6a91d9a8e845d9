// SPDX-License-Identifier: Apache-2.0
//
// The one place where device code meets CUDA's headers, and the one way to launch a kernel and to get at dynamic
// shared memory. Another runtime stands behind the same kernels by a file of this name that comes first on the
// include path (kernels/simt).
#ifndef PCD_KERNELS_COMMON_RUNTIME_CUH
#define PCD_KERNELS_COMMON_RUNTIME_CUH

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#define PCD_KERNEL static __global__
#define PCD_DEVICE __device__ __forceinline__
#define PCD_BOTH __host__ __device__ constexpr  // small functions of sizes that host and device agree on

// `type name[]`: the launch's dynamic shared memory, aligned to `alignment` bytes.
#define PCD_DYNAMIC_SHARED(type, name, alignment) extern __shared__ __align__(alignment) type name[]

// Launches `kernel` on a stream; the caller checks cudaGetLastError once for all launches of an op.
#define PCD_LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
  kernel<<<(grid), (block), (shared_bytes), (stream)>>>(__VA_ARGS__)

#endif
