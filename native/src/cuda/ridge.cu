// SPDX-License-Identifier: Apache-2.0
//
// ridge, host side.
#include "cuda/ops.h"
#include "ridge/ridge.cuh"

namespace pcd::cuda {

uint64_t ridge_workspace(const cudaDeviceProp&, const pcd_ridge_desc& d) {
  const uint64_t k = static_cast<uint64_t>(d.inputs.shape[2]) + 1, t = static_cast<uint64_t>(d.targets.shape[2]);
  return kernels::ridge::kPieces * (k * k + k * t) * sizeof(double);
}

int32_t ridge(const Queue& queue, const pcd_ridge_desc& d) {
  using namespace kernels::ridge;
  const int64_t rows = d.inputs.shape[0] * d.inputs.shape[1];
  const int n = static_cast<int>(d.inputs.shape[2]), t = static_cast<int>(d.targets.shape[2]);
  double* partial = data<double>(d.workspace);
  PCD_LAUNCH(piece_sums, kPieces, kThreads, 0, queue.stream, data<const float>(d.inputs), data<const float>(d.targets),
             rows, n, t, partial);
  PCD_LAUNCH(add_pieces, 1, kThreads, 0, queue.stream, partial, kPieces, n + 1, t, data<double>(d.gram),
             data<double>(d.moment));
  return queue.launched("ridge");
}

}  // namespace pcd::cuda
