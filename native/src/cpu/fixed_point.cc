// SPDX-License-Identifier: Apache-2.0
//
// From floats to fixed point, rounding to nearest.
#include "cpu/fixed_point.h"

#include "cpu/gemm.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

typedef int16_t halves __attribute__((vector_size(W * 2)));
typedef int16_t halves_unaligned __attribute__((vector_size(W * 2), aligned(2), may_alias));

PCD_INLINE vi quantise(const float* x, int64_t left, float inverse) {
  return round_to_int((left >= W ? load(x) : load_partial(x, left)) * inverse);
}

}  // namespace

float largest_magnitude(const float* x, int64_t n) {
  // As integers the magnitudes of floats are in the same order, with what is not a number above all.
  constexpr int chains = 4;
  vi most[chains] = {};
  const auto join = [&](vi& so_far, vf next) PCD_INLINE_LAMBDA {
    const vi magnitude = bits(next) & 0x7fffffff;
    so_far = magnitude > so_far ? magnitude : so_far;
  };
  int64_t i = 0;
  for (; i + chains * W <= n; i += chains * W) {
    unrolled<chains>([&](auto k) PCD_INLINE_LAMBDA { join(most[k.value], load(x + i + k.value * W)); });
  }
  for (; i < n; i += W) join(most[0], load_partial(x + i, least(W, n - i)));
  unrolled<chains>([&](auto k) PCD_INLINE_LAMBDA { join(most[0], from_bits(most[k.value])); });
  int32_t largest = 0;
  for (int lane = 0; lane < W; ++lane) largest = most[0][lane] > largest ? most[0][lane] : largest;
  float value;
  std::memcpy(&value, &largest, sizeof value);
  return value;
}

void quantise_rows(const float* x, int64_t rows, int64_t c, const FixedScale& scale, int16_t* q) {
  const int64_t stride = even(c);
  for (int64_t t = 0; t < rows; ++t, x += c, q += stride) {
    int64_t i = 0;
    for (; i + W <= c; i += W) {
      *reinterpret_cast<halves_unaligned*>(q + i) =
          __builtin_convertvector(quantise(x + i, W, scale.inverse), halves);
    }
    if (i == stride) continue;
    const vi last = quantise(x + i, c - i, scale.inverse);  // 0 in lanes that do not exist
    for (int64_t lane = 0; i + lane < stride; ++lane) q[i + lane] = static_cast<int16_t>(last[lane]);
  }
}

void quantise_pairs(const float* x, int64_t rows, int64_t c, const FixedScale& scale, bool late, int16_t* q) {
  for (int64_t first = late ? -1 : 0; first < rows; first += 2, q += 2 * c) {
    const float* a = x + first * c;
    const float inverse[2] = {first < 0 ? 0.0f : scale.inverse, first + 1 < rows ? scale.inverse : 0.0f};
    // A row that does not exist is read as its neighbour and counts as 0.
    const float* rows_of[2] = {first < 0 ? a + c : a, first + 1 < rows ? a + c : a};
    for (int64_t i = 0; i < c; i += W) {
      const int64_t left = least(W, c - i);
      const vi pair = (quantise(rows_of[0] + i, left, inverse[0]) & 0xffff) |
                      (quantise(rows_of[1] + i, left, inverse[1]) << 16);
      float* to = reinterpret_cast<float*>(q + 2 * i);
      if (left == W) {
        store(to, from_bits(pair));
      } else {
        store_partial(to, from_bits(pair), left);
      }
    }
  }
}

void pack_fixed_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
                    const FixedScale& scale, int16_t* packed) {
  for (int64_t column = 0; column < columns; column += panel_columns) {
    int16_t* to = packed + column * k_total + k / 2 * 2 * panel_columns + k % 2;
    const int64_t here = source == nullptr ? 0 : least(panel_columns, columns - column);
    for (int64_t j = 0; j < here; ++j) {
      to[2 * j] = static_cast<int16_t>(__builtin_lrintf(source[(column + j) * stride] * scale.inverse));
    }
    for (int64_t j = here; j < panel_columns; ++j) to[2 * j] = 0;
  }
}

}  // namespace pcd::cpu::PCD_ISA
