// SPDX-License-Identifier: Apache-2.0
//
// Activations [B, L, C] are stored as floats or as Bf16; arithmetic is on floats. An op that is a template over
// the type of storage reads through `widen`, computes where `place` says and ends with `narrow`: with floats all
// three name the stored memory itself and cost nothing, with Bf16 they go through the op's scratch memory, which
// is small enough to stay in a near cache.
#ifndef PCD_CPU_STORAGE_H
#define PCD_CPU_STORAGE_H

#include <cstdint>

#include "core/buffer.h"
#include "cpu/bf16.h"

namespace pcd::cpu::PCD_ISA {

// n stored values as floats: in place, or in `scratch`.
inline const float* widen(const float* stored, int64_t, float*) { return stored; }
inline const float* widen(const Bf16* stored, int64_t n, float* scratch) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) scratch[i] = static_cast<float>(stored[i]);
  return scratch;
}

// Where values that will be stored at `stored` are computed.
inline float* place(float* stored, float*) { return stored; }
inline float* place(Bf16*, float* scratch) { return scratch; }

// Brings n values from their place to where they are stored.
inline void narrow(const float*, int64_t, float*) {}
inline void narrow(const float* values, int64_t n, Bf16* stored) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) stored[i].assign(values[i]);
}

// One value, for ops that go over elements.
inline void assign(float& stored, float value) { stored = value; }
inline void assign(Bf16& stored, float value) { stored.assign(value); }

// Calls op(S()) with the type of storage of an activation.
template <class Op>
auto with_storage(const pcd_tensor& activation, Op&& op) {
  return activation.dtype == PCD_DTYPE_BF16 ? op(Bf16()) : op(float());
}

}  // namespace pcd::cpu::PCD_ISA

#endif
