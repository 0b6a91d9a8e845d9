// SPDX-License-Identifier: Apache-2.0
//
// Compiled with AVX512_BF16.
#include "bf16_ceiling.h"

#include <immintrin.h>

#include <chrono>

namespace pcd::bench {
namespace {

double slice_rate() {
  using Clock = std::chrono::steady_clock;
  constexpr int chains = 12;
  constexpr long rounds = 100000;
  __m512 sum[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sum[i] = _mm512_setzero_ps();
  __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.5f));
  asm volatile("" : "+v"(a));
  const auto begin = Clock::now();
  for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      sum[i] = _mm512_dpbf16_ps(sum[i], a, a);
      asm volatile("" : "+v"(sum[i]));
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return 2.0 * 32 * chains * rounds / seconds;
}

}  // namespace

double bf16_ceiling(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double best = 0;
  do {
    const double rate = slice_rate();
    if (rate > best) best = rate;
  } while (std::chrono::duration<double>(Clock::now() - begin).count() < seconds);
  return best;
}

}  // namespace pcd::bench
