// SPDX-License-Identifier: Apache-2.0
//
// A linear layer y = x·Wᵀ + b and its gradients, W [n, k] row-major, as launches of common/linear.cuh.
#ifndef PCD_CUDA_LINEAR_H
#define PCD_CUDA_LINEAR_H

#include <algorithm>

#include "common/linear.cuh"
#include "cuda/queue.h"

namespace pcd::cuda {

// m rows of x, n outputs, k inputs.
struct Linear {
  int64_t m, n, k;
};

inline dim3 linear_grid(int64_t m, int64_t n, int64_t splits) {
  return dim3(blocks(n, kernels::kLinearTile), blocks(m, kernels::kLinearTile), static_cast<unsigned>(splits));
}

inline void product(const Queue& queue, int64_t m, int64_t n, int64_t k, kernels::Matrix a, kernels::Matrix b,
                    const float* bias, bool accumulate, float* out) {
  PCD_LAUNCH(kernels::linear, linear_grid(m, n, 1), kernels::kLinearThreads, 0, queue.stream, m, n, k, a, b, bias,
             accumulate, out);
}

// A sum over the whole batch for few weights: cut into so many parts, by shapes alone, that it has blocks enough.
inline int64_t weight_splits(const Linear& s) {
  constexpr int64_t kBlocks = 128, kLeast = 64;  // blocks to reach, rows of a part
  const int64_t tiles = static_cast<int64_t>(blocks(s.n, kernels::kLinearTile)) * blocks(s.k, kernels::kLinearTile);
  return std::max<int64_t>(std::min(kBlocks / tiles, s.m / kLeast), 1);
}

// Workspace of linear_parameter_grad, in floats.
inline int64_t weight_partials(const Linear& s) {
  const int64_t splits = weight_splits(s);
  return splits == 1 ? 0 : splits * s.n * s.k;
}

// out[n] (+)= Σ_m x[m, n]; out may be the first row of x.
inline void column_sums(const Queue& queue, int64_t m, int64_t n, const float* x, bool accumulate, float* out) {
  PCD_LAUNCH(kernels::column_sums, blocks(n, kernels::kSumColumns), dim3(kernels::kSumColumns, kernels::kSumRows), 0,
             queue.stream, x, m, n, accumulate, out);
}

inline void linear_forward(const Queue& queue, const Linear& s, const float* x, const float* weight,
                           const float* bias, float* y) {
  product(queue, s.m, s.n, s.k, {x, s.k, 1}, {weight, 1, s.k}, bias, false, y);
}

// dx (+)= dy·W
inline void linear_input_grad(const Queue& queue, const Linear& s, const float* dy, const float* weight,
                              bool accumulate, float* dx) {
  product(queue, s.m, s.k, s.n, {dy, s.n, 1}, {weight, s.k, 1}, nullptr, accumulate, dx);
}

// dW (+)= dyᵀ·x, db (+)= Σ dy; partial: weight_partials floats
inline void linear_parameter_grad(const Queue& queue, const Linear& s, const float* x, const float* dy,
                                  bool accumulate, float* partial, float* dweight, float* dbias) {
  const kernels::Matrix a{dy, 1, s.n}, b{x, s.k, 1};
  const int64_t splits = weight_splits(s), size = s.n * s.k;
  if (splits == 1) {
    product(queue, s.n, s.k, s.m, a, b, nullptr, accumulate, dweight);
  } else {
    PCD_LAUNCH(kernels::linear, linear_grid(s.n, s.k, splits), kernels::kLinearThreads, 0, queue.stream, s.n, s.k, s.m,
               a, b, nullptr, false, partial);
    PCD_LAUNCH(kernels::add_splits, blocks(size, 128), 128, 0, queue.stream, partial, static_cast<int>(splits), size,
               accumulate, dweight);
  }
  column_sums(queue, s.m, s.n, dy, accumulate, dbias);
}

}  // namespace pcd::cuda

#endif
