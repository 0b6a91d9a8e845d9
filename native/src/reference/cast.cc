// SPDX-License-Identifier: Apache-2.0
//
// Rounds on the grid of the target, spacing 2^(exponent - 7) and 2^-133 below the normal range, so that no
// intermediate type rounds a second time.
#include "reference/cast.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pcd::reference {

uint16_t to_bf16(double value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | 0x7FC0;
  double magnitude = std::fabs(value);
  if (magnitude != 0 && std::isfinite(magnitude)) {
    const double spacing = std::ldexp(1.0, std::max(std::ilogb(magnitude), -126) - 7);
    magnitude = std::nearbyint(magnitude / spacing) * spacing;  // the default mode: nearest, ties to even
  }
  const double largest = std::ldexp(255.0, 120);
  if (magnitude > largest) return sign | 0x7F80;
  const float exact = static_cast<float>(magnitude);
  uint32_t bits;
  std::memcpy(&bits, &exact, sizeof bits);
  return sign | static_cast<uint16_t>(bits >> 16);
}

double from_bf16(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float exact;
  std::memcpy(&exact, &bits, sizeof exact);
  return exact;
}

}  // namespace pcd::reference
