// SPDX-License-Identifier: Apache-2.0
//
// What the host side of an op gets: a stream, the device's properties and a place for a sentence; and how it reports.
#ifndef PCD_CUDA_QUEUE_H
#define PCD_CUDA_QUEUE_H

#include <cuda_runtime.h>

#include <cstdint>
#include <string>

#include "core/buffer.h"
#include "precordia/precordia.h"

namespace pcd::cuda {

// The PCD_ status of a CUDA error, with a sentence that says what was being done.
int32_t report(cudaError_t error, const char* what, std::string& message);

struct Queue {
  cudaStream_t stream;
  const cudaDeviceProp& device;
  std::string& message;

  // To be returned by an op after its launches: PCD_OK, or why one of them failed.
  int32_t launched(const char* op) const { return report(cudaGetLastError(), op, message); }

  int32_t unsupported(const char* sentence) const {
    message = sentence;
    return PCD_ERROR_UNSUPPORTED;
  }
};

inline unsigned blocks(int64_t n, int64_t per_block) { return static_cast<unsigned>((n + per_block - 1) / per_block); }

}  // namespace pcd::cuda

#endif
