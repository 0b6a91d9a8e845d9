// SPDX-License-Identifier: Apache-2.0
//
// Ten rounds of two 32×32-bit products, with the key bumped by the Weyl constants between rounds.
#include "reference/philox.h"

#include <cmath>

namespace pcd::reference {

std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t first = uint64_t{0xD2511F53} * counter[0];
    const uint64_t second = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(second),
               static_cast<uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(first)};
    key[0] += 0x9E3779B9;  // golden ratio
    key[1] += 0xBB67AE85;  // sqrt(3) - 1
  }
  return counter;
}

double uniform(uint32_t word) { return (static_cast<double>(word) + 0.5) / 4294967296.0; }

std::pair<double, double> normals(uint32_t a, uint32_t b) {
  const double radius = std::sqrt(-2 * std::log(uniform(a)));
  const double angle = 2 * 3.14159265358979323846 * uniform(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace pcd::reference
