// SPDX-License-Identifier: Apache-2.0
//
// Independent chains of multiply-adds in registers and nothing else: the most that a core does. Shared by the op
// multiply_add and the ceilings in bench/native.
#ifndef PCD_CPU_MULTIPLY_CHAINS_H
#define PCD_CPU_MULTIPLY_CHAINS_H

#include <cstdint>

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// Enough to hide the latency of a multiply-add on two ports, few enough for the registers.
constexpr int kChains = 12;

// Operations of a step on one vector: lanes times two a multiply-add.
constexpr int kFloatOperations = 2 * W;
constexpr int kPairOperations = 4 * W;

// `rounds` times step(accumulator) on every chain.
template <class Step>
PCD_INLINE void run_chains(int64_t rounds, const Step& step) {
  vf a[kChains];
  // Chains that begin with what the compiler knows to be equal are one chain to it.
  unrolled<kChains>([&](auto i) PCD_INLINE_LAMBDA {
    a[i.value] = zero();
    asm volatile("" : "+x"(a[i.value]));
  });
  for (int64_t round = 0; round < rounds; ++round) {
    unrolled<kChains>([&](auto i) PCD_INLINE_LAMBDA { a[i.value] = step(a[i.value]); });
  }
  unrolled<kChains>([&](auto i) PCD_INLINE_LAMBDA { asm volatile("" : "+x"(a[i.value])); });
}

// fp32 multiply-adds.
inline void multiply_floats(int64_t rounds) {
  vf factor = broadcast(0.5f);
  vf term = broadcast(1.0f);
  asm volatile("" : "+x"(factor), "+x"(term));
  run_chains(rounds, [&](vf a) PCD_INLINE_LAMBDA { return fma(a, factor, term); });
}

// Dot products of pairs of 16-bit integers.
inline void multiply_pairs(int64_t rounds) {
  vi pair = broadcast(int32_t{0x00010001});
  asm volatile("" : "+x"(pair));
  // A factor changes, or the product would be computed once.
  run_chains(rounds, [&](vf a) PCD_INLINE_LAMBDA {
    const vi sum = bits(a);
    return from_bits(dot2(sum, pair, sum));
  });
}

}  // namespace pcd::cpu::PCD_ISA

#endif
