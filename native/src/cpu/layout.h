// SPDX-License-Identifier: Apache-2.0
//
// Where things lie in an op's flat parameters and in what `pack` makes of them. Packed matrices are those of
// cpu/gemm.h; both directions of a block's products are kept, because they are rebuilt once an update and
// read once a window.
#ifndef PCD_CPU_LAYOUT_H
#define PCD_CPU_LAYOUT_H

#include <cstdint>

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

// Packed matrices of one block.
template <typename T>
struct PackedBlock {
  T* conv;                  // [3·C in (tap-major), C out]
  T* pointwise;             // [C in, C out]
  T* conv_transposed;       // [3·C out (tap-major), C in]
  T* pointwise_transposed;  // [C out, C in]

  static constexpr int64_t count(int64_t c) { return 2 * packed_floats(4 * c, c); }
  PackedBlock(T* stack, int64_t block, int64_t c)
      : conv(stack + block * count(c)),
        pointwise(conv + packed_floats(3 * c, c)),
        conv_transposed(pointwise + packed_floats(c, c)),
        pointwise_transposed(conv_transposed + packed_floats(3 * c, c)) {}
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
    return packed_floats(c, targets) + packed_floats(targets, c);
  }
  PackedHead(T* p, int64_t c, int64_t targets) : weight(p), transposed(p + packed_floats(c, targets)) {}
};

}  // namespace pcd::cpu::PCD_ISA

#endif
