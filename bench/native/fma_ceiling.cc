// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set, and once more with AVX512_BF16 for its dot product.
#include "fma_ceiling.h"

#include <chrono>

#include "cpu/multiply_chains.h"

#define PCD_JOIN_(a, b) a##b
#define PCD_JOIN(a, b) PCD_JOIN_(a, b)

namespace pcd::bench {
namespace {

using cpu::PCD_ISA::vf;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Operations per second of a slice of turns of all chains; `run(turns)` runs them, `operations` are a vector's.
template <class Run>
double slice_rate(double operations, const Run& run) {
  constexpr int64_t turns = 100000;
  const auto begin = Clock::now();
  run(turns);
  return operations * cpu::PCD_ISA::kChains * turns / seconds_since(begin);
}

template <class Run>
double best_rate(double seconds, double operations, const Run& run) {
  const auto begin = Clock::now();
  double best = 0;
  do {
    const double rate = slice_rate(operations, run);
    if (rate > best) best = rate;
  } while (seconds_since(begin) < seconds);
  return best;
}

}  // namespace

#if defined(__AVX512BF16__)

double dot_ceiling(double seconds) {
  __m512bh pairs = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f003f00));  // 0.5, 0.5
  asm volatile("" : "+x"(pairs));
  return best_rate(seconds, 4 * cpu::PCD_ISA::W, [&](int64_t turns) {
    cpu::PCD_ISA::run_chains(turns,
                             [&](vf a) PCD_INLINE_LAMBDA { return vf(_mm512_dpbf16_ps(a, pairs, pairs)); });
  });
}

#else

double PCD_JOIN(fma_ceiling_, PCD_ISA)(double seconds) {
  return best_rate(seconds, cpu::PCD_ISA::kFloatOperations, cpu::PCD_ISA::multiply_floats);
}

double PCD_JOIN(fixed_ceiling_, PCD_ISA)(double seconds) {
  return best_rate(seconds, cpu::PCD_ISA::kPairOperations, cpu::PCD_ISA::multiply_pairs);
}

#endif

}  // namespace pcd::bench
