// SPDX-License-Identifier: Apache-2.0
//
// The operands of a block's products in the arithmetic that belongs to a type of storage: floats as they are, and
// for BF16 values in fixed point (cpu/fixed_point.h). An op that is a template over the storage names its operands
// through these functions and contains no arithmetic of its own.
#ifndef PCD_CPU_OPERANDS_H
#define PCD_CPU_OPERANDS_H

#include <cstdint>
#include <type_traits>

#include "cpu/bf16.h"
#include "cpu/dilated_conv.h"
#include "cpu/fixed_point.h"
#include "cpu/gemm.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {

// What is multiplied for activations stored as S.
template <class S>
using OperandOf = std::conditional_t<std::is_same_v<S, float>, float, int16_t>;

// The largest magnitude of an array that is taken in part by part, while the parts are in a near cache; and the
// scale that follows from it.
template <class T>
class Magnitude;

struct NoScale {
  static constexpr float scale = 1;
};

template <>
class Magnitude<float> {
 public:
  void add(const float*, int64_t) {}
  NoScale scale() const { return {}; }
  void keep(float*) const {}
  static Magnitude kept(const float*) { return {}; }
};

template <>
class Magnitude<int16_t> {
 public:
  template <class S>
  void add(const S* x, int64_t n) {
    const float next = largest_magnitude(x, n);
    if (value_ == value_ && !(next <= value_)) value_ = next;  // what is not a number stays
  }
  FixedScale scale() const { return {value_, fixed_largest}; }
  void keep(float* where) const { *where = value_; }
  static Magnitude kept(const float* where) {
    Magnitude magnitude;
    magnitude.value_ = *where;
    return magnitude;
  }

 private:
  float value_ = 0;
};

template <class T, class S>
auto scale_of(const S* x, int64_t n) {
  Magnitude<T> magnitude;
  magnitude.add(x, n);
  return magnitude.scale();
}

// Rows as left factor of a product: rows `stride` apart. The last argument is room for them, of
// rows · factor_stride values.
template <class T>
struct Factor {
  const T* rows;
  int64_t stride;
};
template <class T>
constexpr int64_t factor_stride(int64_t c) {
  return std::is_same_v<T, float> ? c : even(c);
}
inline Factor<float> factor(const float* x, int64_t, int64_t c, NoScale, float*) { return {x, c}; }
inline Factor<int16_t> factor(const float* x, int64_t rows, int64_t c, const FixedScale& scale, int16_t* room) {
  quantise_rows(x, rows, c, scale, room, nullptr);
  return {room, even(c)};
}

// Rows as one side of a sum of outer products over rows; `late` rows serve offsets that are odd.
template <class T>
struct Summand {
  const T* rows;
  const T* late;
  float scale;
};
constexpr int64_t summand_values(int64_t rows, int64_t c) {
  return 2 * c * (row_pairs(rows, false) + row_pairs(rows, true));
}
inline Summand<float> summand(const float* x, int64_t, int64_t, bool, NoScale, float*) { return {x, x, 1}; }
template <class S>
Summand<int16_t> summand(const S* x, int64_t rows, int64_t c, bool odd_offset, const FixedScale& scale,
                         int16_t* room) {
  int16_t* late = room + 2 * c * row_pairs(rows, false);
  quantise_pairs(x, rows, c, scale, false, room);
  if (odd_offset) quantise_pairs(x, rows, c, scale, true, late);
  return {room, late, scale.scale};
}

// Rows that are both; as a summand only for even offsets.
template <class T>
struct Operands {
  Factor<T> factor;
  Summand<T> summand;
};
inline Operands<float> operands(const float* x, int64_t, int64_t c, NoScale, float*, float*) {
  return {{x, c}, {x, x, 1}};
}
inline Operands<int16_t> operands(const float* x, int64_t rows, int64_t c, const FixedScale& scale,
                                  int16_t* factor_room, int16_t* summand_room) {
  quantise_rows(x, rows, c, scale, factor_room, summand_room);
  return {{factor_room, even(c)}, {summand_room, nullptr, scale.scale}};
}

// gradient [c, c] (+)= Σ_t a[t, ·] · b[t + offset, ·] over the rows that both have; written when `fresh`.
inline void add_outer(const Summand<float>& a, const Summand<float>& b, int64_t rows, int64_t c, int64_t offset,
                      bool fresh, float* gradient) {
  const int64_t begin = least(rows, greatest(0, -offset));
  const int64_t end = greatest(begin, least(rows, rows - offset));
  int64_t t = begin;
  do {
    const int64_t here = least(group_rows, end - t);
    outer_product({a.rows + t * c, c, c, b.rows + (t + offset) * c, c, c, here, gradient, c, !fresh});
    fresh = false;
    t += here;
  } while (t < end);
}
inline void add_outer(const Summand<int16_t>& a, const Summand<int16_t>& b, int64_t rows, int64_t c,
                      int64_t offset, bool fresh, float* gradient) {
  // Rows 2k, 2k + 1 of a meet pair k + shift of b.
  const bool odd = offset % 2 != 0;
  const int64_t shift = (offset + (odd ? 1 : 0)) / 2;
  const int64_t pairs = row_pairs(rows, false);
  const int64_t begin = least(pairs, greatest(0, -shift));
  const int64_t end = greatest(begin, least(pairs, row_pairs(rows, odd) - shift));
  const int16_t* other = odd ? b.late : b.rows;
  int64_t k = begin;
  do {
    const int64_t here = least(fixed_rows / 2, end - k);
    outer_product({a.rows + 2 * k * c, 2 * c, c, other + 2 * (k + shift) * c, 2 * c, c, here, gradient, c, !fresh,
                   a.scale * b.scale});
    fresh = false;
    k += here;
  } while (k < end);
}

}  // namespace pcd::cpu::PCD_ISA

#endif
