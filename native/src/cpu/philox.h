// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) and the transforms of
// docs/model.md: uniforms (word + 0.5) / 2^32 and Box–Muller normals. Integers are the same on every backend.
#ifndef PCD_CPU_PHILOX_H
#define PCD_CPU_PHILOX_H

#include <cmath>
#include <cstdint>

namespace pcd::cpu::PCD_ISA {

struct Philox {
  uint32_t word[4];

  Philox(uint64_t key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) : word{c0, c1, c2, c3} {
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const uint64_t p0 = uint64_t{0xD2511F53u} * word[0];
      const uint64_t p1 = uint64_t{0xCD9E8D57u} * word[2];
      const uint32_t next0 = static_cast<uint32_t>(p1 >> 32) ^ word[1] ^ k0;
      const uint32_t next2 = static_cast<uint32_t>(p0 >> 32) ^ word[3] ^ k1;
      word[1] = static_cast<uint32_t>(p1);
      word[3] = static_cast<uint32_t>(p0);
      word[0] = next0;
      word[2] = next2;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  }

  // (0, 1), both ends excluded.
  double uniform(int i) const { return (static_cast<double>(word[i]) + 0.5) * 0x1p-32; }

  // Two independent standard normals from words i and i + 1.
  void normals(int i, float* first, float* second) const {
    // The logarithm in double: near u = 1 a rounded u would cost more than 1e-6 of the normal.
    const float radius = std::sqrt(-2.0f * static_cast<float>(std::log(uniform(i))));
    const float angle = static_cast<float>(6.283185307179586 * uniform(i + 1));
    *first = radius * std::cos(angle);
    *second = radius * std::sin(angle);
  }
};

}  // namespace pcd::cpu::PCD_ISA

#endif
