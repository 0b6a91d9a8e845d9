// SPDX-License-Identifier: Apache-2.0
//
// Layer norm over the channels of rows [rows, C] (Ba et al. 2016; biased variance, eps 1e-5), alone and
// followed by tanh-GELU, forward and backward. Statistics of a row are its mean and reciprocal deviation.
#ifndef PCD_CPU_NORM_H
#define PCD_CPU_NORM_H

#include <cstdint>

#include "cpu/math.h"

namespace pcd::cpu::PCD_ISA {

struct Affine {
  const float* gain;
  const float* shift;
};

// Sums over rows of the gradients that a row's elements contribute: all [C], added to.
struct AffineSums {
  float* gain;
  float* shift;
  float* input;  // Σ gradient of the norm's input: the bias before it; may be null
};

// out = LN(x); statistics [rows, 2] may be null.
void norm_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics, float* out);

// out = GELU(LN(x)); statistics [rows, 2] may be null. For activations stored as S: with Bf16 GELU is quick.
template <class S>
void norm_gelu_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics,
                    float* out);

// Backward of LN: from x, its statistics and dy the gradient dx, and LN(x) once more in y (null: not wanted).
// dx may be dy's memory.
void norm_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                        const Affine& affine, const AffineSums& sums, float* y, float* dx);

// Backward of GELU(LN(x)): as above, y = GELU(LN(x)), which may be dy's memory; dx may not.
template <class S>
void norm_gelu_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows,
                             int64_t c, const Affine& affine, const AffineSums& sums, float* y, float* dx);

}  // namespace pcd::cpu::PCD_ISA

#endif
