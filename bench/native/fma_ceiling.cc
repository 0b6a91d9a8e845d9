// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set, and once more with AVX512_BF16 for its dot product.
#include "fma_ceiling.h"

#include <chrono>

#include "cpu/simd.h"

#define PCD_JOIN_(a, b) a##b
#define PCD_JOIN(a, b) PCD_JOIN_(a, b)

namespace pcd::bench {
namespace {

using cpu::PCD_ISA::vf;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Operations per second of a slice of `step(accumulator)`, which does `operations` on a vector.
template <class Step>
double slice_rate(double operations, const Step& step) {
  constexpr int chains = 12;
  constexpr long rounds = 100000;
  vf a[chains];
  cpu::PCD_ISA::unrolled<chains>([&](auto i) PCD_INLINE_LAMBDA { a[i.value] = cpu::PCD_ISA::zero(); });
  const auto begin = Clock::now();
  for (long round = 0; round < rounds; ++round) {
    cpu::PCD_ISA::unrolled<chains>([&](auto i) PCD_INLINE_LAMBDA { a[i.value] = step(a[i.value]); });
  }
  const double seconds = seconds_since(begin);
  cpu::PCD_ISA::unrolled<chains>([&](auto i) PCD_INLINE_LAMBDA { asm volatile("" : "+x"(a[i.value])); });
  return operations * chains * rounds / seconds;
}

template <class Step>
double best_rate(double seconds, double operations, const Step& step) {
  const auto begin = Clock::now();
  double best = 0;
  do {
    const double rate = slice_rate(operations, step);
    if (rate > best) best = rate;
  } while (seconds_since(begin) < seconds);
  return best;
}

}  // namespace

#if defined(__AVX512BF16__)

double dot_ceiling(double seconds) {
  __m512bh pairs = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f003f00));  // 0.5, 0.5
  asm volatile("" : "+x"(pairs));
  return best_rate(seconds, 4 * cpu::PCD_ISA::W,
                   [&](vf a) PCD_INLINE_LAMBDA { return vf(_mm512_dpbf16_ps(a, pairs, pairs)); });
}

#else

double PCD_JOIN(fma_ceiling_, PCD_ISA)(double seconds) {
  vf factor = cpu::PCD_ISA::broadcast(0.5f);
  vf term = cpu::PCD_ISA::broadcast(1.0f);
  asm volatile("" : "+x"(factor), "+x"(term));
  return best_rate(seconds, 2 * cpu::PCD_ISA::W,
                   [&](vf a) PCD_INLINE_LAMBDA { return cpu::PCD_ISA::fma(a, factor, term); });
}

double PCD_JOIN(fixed_ceiling_, PCD_ISA)(double seconds) {
  cpu::PCD_ISA::vi pair = cpu::PCD_ISA::broadcast(int32_t{0x00010001});
  asm volatile("" : "+x"(pair));
  // A factor changes, or the product would be computed once.
  return best_rate(seconds, 4 * cpu::PCD_ISA::W, [&](vf a) PCD_INLINE_LAMBDA {
    const cpu::PCD_ISA::vi sum = cpu::PCD_ISA::bits(a);
    return cpu::PCD_ISA::from_bits(cpu::PCD_ISA::dot2(sum, pair, sum));
  });
}

#endif

}  // namespace pcd::bench
