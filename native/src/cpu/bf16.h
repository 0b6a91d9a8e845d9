// SPDX-License-Identifier: Apache-2.0
//
// bfloat16 storage: the upper half of a float, rounded to nearest even; a NaN stays a NaN.
#ifndef PCD_CPU_BF16_H
#define PCD_CPU_BF16_H

#include <cstdint>
#include <cstring>

namespace pcd::cpu::PCD_ISA {

class Bf16 {
 public:
  Bf16() = default;
  explicit Bf16(float value) { assign(value); }
  // One rounding: the float in between is rounded to odd, so that it keeps on which side of a tie the double lies.
  explicit Bf16(double value) {
    float near = static_cast<float>(value);
    uint32_t u;
    std::memcpy(&u, &near, sizeof u);
    const double back = near;
    const bool finite = (u & 0x7f800000u) != 0x7f800000u;
    if (finite && back != value) {
      const bool away = (back < 0 ? -back : back) > (value < 0 ? -value : value);
      u = (away ? u - 1 : u) | 1u;
      std::memcpy(&near, &u, sizeof near);
    }
    *this = Bf16(near);
  }

  // In this form (no object to copy, a select by mask) a loop over values is vectorised.
  void assign(float value) {
    uint32_t u;
    std::memcpy(&u, &value, sizeof u);
    const uint32_t nan = (u & 0x7fffffffu) > 0x7f800000u ? 0xffffffffu : 0u;
    const uint32_t rounded = u + 0x7fffu + ((u >> 16) & 1u);
    bits_ = static_cast<uint16_t>((((u | 0x400000u) & nan) | (rounded & ~nan)) >> 16);
  }

  explicit operator float() const {
    const uint32_t u = static_cast<uint32_t>(bits_) << 16;
    float value;
    std::memcpy(&value, &u, sizeof value);
    return value;
  }
  explicit operator double() const { return static_cast<float>(*this); }

 private:
  uint16_t bits_;
};

}  // namespace pcd::cpu::PCD_ISA

#endif
