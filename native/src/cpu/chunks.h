// SPDX-License-Identifier: Apache-2.0
//
// How windows are shared out where every chunk keeps partial sums of its own (gradients of parameters), and
// how those are added: the number of chunks follows from the batch alone and partials are added in the order
// of their index.
#ifndef PCD_CPU_CHUNKS_H
#define PCD_CPU_CHUNKS_H

#include <cstdint>

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// More chunks share the work out over more cores and take more memory and time to add up.
constexpr int64_t most_chunks = 32;

struct Chunks {
  int64_t windows;
  int64_t count;

  explicit Chunks(int64_t batch) : windows(batch), count(batch < most_chunks ? batch : most_chunks) {}
  int64_t first(int64_t chunk) const { return windows * chunk / count; }
  int64_t end(int64_t chunk) const { return first(chunk + 1); }
};

// Adds arrays of n floats that lie `stride` apart, in ascending order, into the first one.
inline void add_partials(float* first, int64_t stride, int64_t count, int64_t n) {
  int64_t i = 0;
  for (; i + W <= n; i += W) {
    vf total = load(first + i);
    for (int64_t k = 1; k < count; ++k) total += load(first + k * stride + i);
    store(first + i, total);
  }
  for (; i < n; ++i) {
    float total = first[i];
    for (int64_t k = 1; k < count; ++k) total += first[k * stride + i];
    first[i] = total;
  }
}

// out[i·out_stride] (+)= sums[i]
inline void write_gradient(const float* sums, int64_t n, bool accumulate, float* out, int64_t out_stride) {
  for (int64_t i = 0; i < n; ++i) {
    out[i * out_stride] = accumulate ? out[i * out_stride] + sums[i] : sums[i];
  }
}

}  // namespace pcd::cpu::PCD_ISA

#endif
