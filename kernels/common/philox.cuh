// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 (Salmon et al., SC 2011) and the transforms of docs/model.md, as on the CPU: integers equal, normals
// to 1e-6.
#ifndef PCD_KERNELS_COMMON_PHILOX_CUH
#define PCD_KERNELS_COMMON_PHILOX_CUH

#include "common/device.cuh"

namespace pcd::kernels {

struct Philox {
  uint32_t word[4];

  PCD_DEVICE Philox(uint64_t key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) : word{c0, c1, c2, c3} {
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
#pragma unroll
    for (int round = 0; round < 10; ++round) {
      const uint32_t high0 = __umulhi(0xD2511F53u, word[0]), low0 = 0xD2511F53u * word[0];
      const uint32_t high1 = __umulhi(0xCD9E8D57u, word[2]), low1 = 0xCD9E8D57u * word[2];
      word[0] = high1 ^ word[1] ^ k0;
      word[2] = high0 ^ word[3] ^ k1;
      word[1] = low1;
      word[3] = low0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  }

  // (0, 1), both ends excluded.
  PCD_DEVICE double uniform(int i) const { return (static_cast<double>(word[i]) + 0.5) * 0x1p-32; }

  // Two independent standard normals from words i and i + 1. The logarithm of a number near 1 goes through log1p, so
  // that fp32 is enough: 1 - u is exact.
  PCD_DEVICE void normals(int i, float* first, float* second) const {
    const float below = static_cast<float>(uniform(i));
    const float above = static_cast<float>((static_cast<double>(~word[i]) + 0.5) * 0x1p-32);  // 1 - u
    const float log_u = word[i] < 0x80000000u ? logf(below) : log1pf(-above);
    const float radius = sqrtf(-2.0f * log_u);
    float sine, cosine;
    sincospif(static_cast<float>(2.0 * uniform(i + 1)), &sine, &cosine);
    *first = radius * cosine;
    *second = radius * sine;
  }
};

}  // namespace pcd::kernels

#endif
