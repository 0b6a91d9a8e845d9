// SPDX-License-Identifier: Apache-2.0
//
// Where things lie in an op's flat parameters and in what `pack` makes of them. Packed matrices are those of
// cpu/gemm.h; both directions of a block's products are kept, because they are rebuilt once an update and
// read once a window.
#ifndef PCD_CPU_LAYOUT_H
#define PCD_CPU_LAYOUT_H

#include <cstdint>
#include <type_traits>

#include "cpu/fixed_point.h"
#include "cpu/gemm.h"

namespace pcd::cpu::PCD_ISA {

constexpr int stem_taps = 7;

// Parameters (or their gradients) of one block of a dilated stack.
template <typename T>
struct BlockParameters {
  T* conv;            // [C, C, 3]
  T* conv_bias;       // [C]
  T* gain;            // [C]
  T* shift;           // [C]
  T* pointwise;       // [C, C]
  T* pointwise_bias;  // [C]

  static constexpr int64_t count(int64_t c) { return 4 * c * c + 4 * c; }
  BlockParameters(T* stack, int64_t block, int64_t c)
      : conv(stack + block * count(c)),
        conv_bias(conv + 3 * c * c),
        gain(conv_bias + c),
        shift(gain + c),
        pointwise(shift + c),
        pointwise_bias(pointwise + c * c) {}
};

// Packed matrices of one block, of floats or of integers in fixed point, and the scales of the latter.
template <typename T>
struct PackedBlock {
  using Value = std::remove_const_t<T>;
  using Scale = std::conditional_t<std::is_const_v<T>, const float, float>;
  static constexpr bool fixed = std::is_same_v<Value, int16_t>;
  static constexpr int64_t scale_values = fixed ? 64 / sizeof(T) : 0;  // a line

  Scale* scales;            // fixed point: of conv and of pointwise
  T* conv;                  // [3·C in (tap-major), C out]
  T* pointwise;             // [C in, C out]
  T* conv_transposed;       // [3·C out (tap-major), C in]
  T* pointwise_transposed;  // [C out, C in]

  // Rows of a matrix for c channels.
  static constexpr int64_t k(int64_t c) { return fixed ? even(c) : c; }
  static constexpr int64_t count(int64_t c) { return scale_values + 2 * packed_values(4 * k(c), c); }
  PackedBlock(T* stack, int64_t block, int64_t c)
      : scales(reinterpret_cast<Scale*>(stack + block * count(c))),
        conv(stack + block * count(c) + scale_values),
        pointwise(conv + packed_values(3 * k(c), c)),
        conv_transposed(pointwise + packed_values(k(c), c)),
        pointwise_transposed(conv_transposed + packed_values(3 * k(c), c)) {}

  float conv_scale() const { return fixed ? scales[0] : 1.0f; }
  float pointwise_scale() const { return fixed ? scales[1] : 1.0f; }
};

// Head: parameters norm.weight [C], norm.bias [C], weight [T, C], bias [T].
template <typename T>
struct HeadParameters {
  T* gain;
  T* shift;
  T* weight;
  T* bias;
  HeadParameters(T* p, int64_t c, int64_t targets)
      : gain(p), shift(p + c), weight(p + 2 * c), bias(weight + targets * c) {}
};

template <typename T>
struct PackedHead {
  T* weight;      // [C, T]
  T* transposed;  // [T, C]
  static constexpr int64_t count(int64_t c, int64_t targets) {
    return packed_values(c, targets) + packed_values(targets, c);
  }
  PackedHead(T* p, int64_t c, int64_t targets) : weight(p), transposed(p + packed_values(c, targets)) {}
};

}  // namespace pcd::cpu::PCD_ISA

#endif
