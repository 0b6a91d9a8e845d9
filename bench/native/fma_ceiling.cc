// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set.
#include "fma_ceiling.h"

#include <chrono>

#include "cpu/simd.h"

#define PCD_JOIN_(a, b) a##b
#define PCD_JOIN(a, b) PCD_JOIN_(a, b)

namespace pcd::bench {
namespace {

using cpu::PCD_ISA::vf;

double slice_rate() {
  using Clock = std::chrono::steady_clock;
  constexpr int chains = 12;
  constexpr long rounds = 100000;
  vf a[chains];
  cpu::PCD_ISA::unrolled<chains>([&](auto i) PCD_INLINE_LAMBDA { a[i.value] = cpu::PCD_ISA::zero(); });
  vf factor = cpu::PCD_ISA::broadcast(0.5f);
  vf term = cpu::PCD_ISA::broadcast(1.0f);
  asm volatile("" : "+x"(factor), "+x"(term));
  const auto begin = Clock::now();
  for (long round = 0; round < rounds; ++round) {
    cpu::PCD_ISA::unrolled<chains>(
        [&](auto i) PCD_INLINE_LAMBDA { a[i.value] = cpu::PCD_ISA::fma(a[i.value], factor, term); });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  cpu::PCD_ISA::unrolled<chains>([&](auto i) PCD_INLINE_LAMBDA { asm volatile("" : "+x"(a[i.value])); });
  return 2.0 * chains * cpu::PCD_ISA::W * rounds / seconds;
}

}  // namespace

double PCD_JOIN(fma_ceiling_, PCD_ISA)(double seconds) {
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
