// SPDX-License-Identifier: Apache-2.0
//
// Values in fixed point, x ≈ scale · q with |q| <= 2047, the largest magnitude of an array being close to the limit: how
// products take activations whose storage is BF16. An array's error is at most 2^-12 of its largest magnitude, where
// BF16 rounds each value by up to 2^-9 of itself. Sums of products are exact in 32 bits, and processors do
// them at twice the rate of floats: a dot product of 16-bit integers has two multiply-adds a lane. (That of BF16,
// vdpbf16ps, was measured at half the rate of floats on the processors at hand.)
#ifndef PCD_CPU_FIXED_POINT_H
#define PCD_CPU_FIXED_POINT_H

#include <cstdint>

#include "cpu/bf16.h"
#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

constexpr int32_t fixed_limit = 2047;

// What an array's largest magnitude becomes: values that BF16 has rounded up since it was taken keep the limit.
constexpr int32_t fixed_largest = 2032;

// Rows whose products of two values within the limit add up to less than 2^31.
constexpr int64_t fixed_rows = 512;

// Most that the other factor's integers may be where k products with values within the limit are added.
constexpr int32_t fixed_limit_of(int64_t k) {
  const int64_t most = INT32_MAX / (fixed_limit * k);
  return most < fixed_limit ? static_cast<int32_t>(most) : fixed_limit;
}

struct FixedScale {
  float scale;    // of q; not finite where a value was not, so that no result is either
  float inverse;  // 0: all values count as 0

  FixedScale(float magnitude, int32_t limit) {
    // Below 2^-100 the inverse would overflow.
    const bool some = !(magnitude < 0x1p-100f);
    scale = some ? magnitude * (1 / static_cast<float>(limit)) : 0.0f;
    inverse = some ? static_cast<float>(limit) / magnitude : 0.0f;
  }
};

// max |x|; not a number when one of them is not. S: float or Bf16.
template <class S>
float largest_magnitude(const S* x, int64_t n);

// Channels of a row of integers: even, because products take them in pairs.
constexpr int64_t even(int64_t c) { return (c + 1) / 2 * 2; }

// Pairs of rows as an outer product of integers takes them, [pairs, c, 2]: rows 2k and 2k + 1, or, `late`, rows
// 2k - 1 and 2k. Rows before the first and behind the last are 0.
constexpr int64_t row_pairs(int64_t rows, bool late) { return late ? rows / 2 + 1 : (rows + 1) / 2; }

// q [rows, even(c)] of x [rows, c]; and, unless null, its pairs.
void quantise_rows(const float* x, int64_t rows, int64_t c, const FixedScale& scale, int16_t* q, int16_t* pairs);

// Pairs alone.
template <class S>
void quantise_pairs(const S* x, int64_t rows, int64_t c, const FixedScale& scale, bool late, int16_t* pairs);

// Writes row k of a packed [k_total, columns] matrix of cpu/gemm.h from source[column · stride]; null: zeros.
void pack_fixed_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
                    const FixedScale& scale, int16_t* packed);

}  // namespace pcd::cpu::PCD_ISA

#endif
