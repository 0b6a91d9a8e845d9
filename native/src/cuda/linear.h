// SPDX-License-Identifier: Apache-2.0
//
// A linear layer y = x·Wᵀ + b and its gradients, W [n, k] row-major, as launches of common/linear.cuh.
#ifndef PCD_CUDA_LINEAR_H
#define PCD_CUDA_LINEAR_H

#include "common/linear.cuh"
#include "cuda/queue.h"

namespace pcd::cuda {

// m rows of x, n outputs, k inputs.
struct Linear {
  int64_t m, n, k;
};

inline void product(const Queue& queue, int64_t m, int64_t n, int64_t k, kernels::Matrix a, kernels::Matrix b,
                    const float* bias, bool accumulate, float* out) {
  const dim3 grid(blocks(n, kernels::kLinearTile), blocks(m, kernels::kLinearTile));
  const dim3 block(kernels::kLinearTile, kernels::kLinearRows);
  PCD_LAUNCH(kernels::linear, grid, block, 0, queue.stream, m, n, k, a, b, bias, accumulate, out);
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

// dW (+)= dyᵀ·x, db (+)= Σ dy
inline void linear_parameter_grad(const Queue& queue, const Linear& s, const float* x, const float* dy,
                                  bool accumulate, float* dweight, float* dbias) {
  product(queue, s.n, s.k, s.m, {dy, 1, s.n}, {x, s.k, 1}, nullptr, accumulate, dweight);
  column_sums(queue, s.m, s.n, dy, accumulate, dbias);
}

}  // namespace pcd::cuda

#endif
