// SPDX-License-Identifier: Apache-2.0
//
// bf16 and IEEE half as bit patterns, and fp32: conversions as the GPU's, to the nearest with ties to even.
#ifndef PCD_SIMT_NUMBER_FORMATS_H
#define PCD_SIMT_NUMBER_FORMATS_H

#include <cstdint>
#include <cstring>

namespace pcd::simt {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// What nobody has written yet: not a number as fp32, and in both its halves as bf16 and as half. A signalling
// one, so that arithmetic changes it.
constexpr uint32_t kPoison = 0x7f817f81u;

inline float bf16_to_float(uint16_t bits) { return float_of(static_cast<uint32_t>(bits) << 16); }
inline uint16_t float_to_bf16(float x) {
  const uint32_t bits = bits_of(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

// Without branches, so that loops over it are vectorised.
inline float half_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16, magnitude = (bits & 0x7fffu) << 13;
  // The exponents' biases differ by 112; the product also normalises subnormal halves.
  const float scaled = float_of(magnitude) * float_of((127u + 112u) << 23);
  const uint32_t special = (bits & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
  return float_of(bits_of(scaled) | special | sign);
}
inline uint16_t float_to_half(float x) {
  const uint32_t bits = bits_of(x), magnitude = bits & 0x7fffffffu;
  const uint32_t sign = bits >> 16 & 0x8000u;
  if (magnitude > 0x7f800000u) return 0x7fff;
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // rounds beyond 65504
  if (magnitude < 0x38800000u) {
    // Below 2^-14: the last place of fp32 at 0.5 is that of subnormal halves.
    return static_cast<uint16_t>(sign | (bits_of(float_of(magnitude) + 0.5f) - 0x3f000000u));
  }
  return static_cast<uint16_t>(sign | ((magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1)) >> 13));
}

enum class Format { bf16, half };

inline float to_float(Format format, uint16_t bits) {
  return format == Format::bf16 ? bf16_to_float(bits) : half_to_float(bits);
}

}  // namespace pcd::simt

#endif
