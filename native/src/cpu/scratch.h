// SPDX-License-Identifier: Apache-2.0
//
// Cuts an op's workspace (or what it saves) into arrays of floats, each aligned to 64 bytes. With a null base
// it only counts, so that a size query and the op share one description of the memory.
#ifndef PCD_CPU_SCRATCH_H
#define PCD_CPU_SCRATCH_H

#include <cstdint>

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// Floats that an array of n takes.
constexpr int64_t aligned_floats(int64_t n) { return (n + 15) / 16 * 16; }

class Scratch {
 public:
  explicit Scratch(float* base) : base_(base) {}

  float* take(int64_t floats) {
    float* array = base_ == nullptr ? nullptr : base_ + used_;
    used_ += aligned_floats(floats);
    return array;
  }
  int64_t used() const { return used_; }
  // An array of another type T, in the room of the floats that it covers.
  template <class T>
  T* take_as(int64_t count) {
    const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
    return reinterpret_cast<T*>(take((bytes + 3) / 4));
  }
  uint64_t bytes() const { return static_cast<uint64_t>(used_) * sizeof(float); }

 private:
  float* base_;
  int64_t used_ = 0;
};

}  // namespace pcd::cpu::PCD_ISA

#endif
