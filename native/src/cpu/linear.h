// SPDX-License-Identifier: Apache-2.0
//
// Small dense products over a batch of embeddings: y = x·Wᵀ + b and its gradients, W [N, K] row-major. They run
// once a window, against thousands of rows in the blocks, so plain vectorised loops serve. Every sum runs in one
// fixed order and every output belongs to one task: the number of threads changes nothing.
#ifndef PCD_CPU_LINEAR_H
#define PCD_CPU_LINEAR_H

#include <cstdint>

#include "cpu/pool.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {

// Shape of a product: m rows of x, n outputs, k inputs.
struct Linear {
  int64_t m, n, k;
};

inline float dot(const float* a, const float* b, int64_t k) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < k; ++i) sum += a[i] * b[i];
  return sum;
}

inline void add_scaled(float* y, float factor, const float* x, int64_t k) {
#pragma omp simd
  for (int64_t i = 0; i < k; ++i) y[i] += factor * x[i];
}

inline void linear_forward(Pool& pool, const Linear& s, const float* x, const float* weight, const float* bias,
                           float* y) {
  pool.run(s.m, [&](int64_t i) {
    for (int64_t j = 0; j < s.n; ++j) y[i * s.n + j] = bias[j] + dot(x + i * s.k, weight + j * s.k, s.k);
  });
}

// dx (+)= dy·W
inline void linear_input_grad(Pool& pool, const Linear& s, const float* dy, const float* weight, bool accumulate,
                              float* dx) {
  pool.run(s.m, [&](int64_t i) {
    float* row = dx + i * s.k;
    if (!accumulate) fill_row(row, s.k, 0.0f);
    for (int64_t j = 0; j < s.n; ++j) add_scaled(row, dy[i * s.n + j], weight + j * s.k, s.k);
  });
}

// dW (+)= dyᵀ·x, db (+)= Σ dy
inline void linear_parameter_grad(Pool& pool, const Linear& s, const float* x, const float* dy, bool accumulate,
                                  float* dweight, float* dbias) {
  pool.run(s.n, [&](int64_t j) {
    float* row = dweight + j * s.k;
    float sum = accumulate ? dbias[j] : 0.0f;
    if (!accumulate) fill_row(row, s.k, 0.0f);
    for (int64_t i = 0; i < s.m; ++i) {
      const float g = dy[i * s.n + j];
      sum += g;
      add_scaled(row, g, x + i * s.k, s.k);
    }
    dbias[j] = sum;
  });
}

}  // namespace pcd::cpu::PCD_ISA

#endif
