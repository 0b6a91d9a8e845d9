// SPDX-License-Identifier: Apache-2.0
//
// Fill, copy and sums of rows, and integer minimum. They stand in for <algorithm> in files that are compiled once per
// instruction set, where a function of namespace std must not be emitted (simd.h says why).
#ifndef PCD_CPU_ROWS_H
#define PCD_CPU_ROWS_H

#include <cstdint>

namespace pcd::cpu::PCD_ISA {

template <class T>
inline void fill_row(T* row, int64_t n, T value) {
  for (int64_t i = 0; i < n; ++i) row[i] = value;
}

template <class T>
inline void copy_row(const T* source, int64_t n, T* row) {
  for (int64_t i = 0; i < n; ++i) row[i] = source[i];
}

// sums[j] += Σ over rows of x[·, j], x [rows, c]; four rows at a time.
inline void add_rows(const float* x, int64_t rows, int64_t c, float* sums) {
  int64_t t = 0;
  for (; t + 4 <= rows; t += 4, x += 4 * c) {
#pragma omp simd
    for (int64_t j = 0; j < c; ++j) sums[j] += (x[j] + x[c + j]) + (x[2 * c + j] + x[3 * c + j]);
  }
  for (; t < rows; ++t, x += c) {
#pragma omp simd
    for (int64_t j = 0; j < c; ++j) sums[j] += x[j];
  }
}

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t greatest(int64_t a, int64_t b) { return a > b ? a : b; }

}  // namespace pcd::cpu::PCD_ISA

#endif
