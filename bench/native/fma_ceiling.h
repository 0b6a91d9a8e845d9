// SPDX-License-Identifier: Apache-2.0
//
// The most multiply-adds a core does: the chains of the op multiply_add (native/src/cpu/multiply_chains.h), on one thread.
#ifndef PCD_BENCH_FMA_CEILING_H
#define PCD_BENCH_FMA_CEILING_H

namespace pcd::bench {

// Runs for about `seconds` and returns the best rate seen over millisecond slices, in floating-point
// operations (two a multiply-add) per second of one thread. Defined where the build compiles the instruction
// set.
double fma_ceiling_avx512vnni(double seconds);
double fma_ceiling_avx512(double seconds);
double fma_ceiling_avx2(double seconds);
double fma_ceiling_baseline(double seconds);

// The same of the dot product of pairs of 16-bit integers.
double fixed_ceiling_avx512vnni(double seconds);
double fixed_ceiling_avx512(double seconds);
double fixed_ceiling_avx2(double seconds);
double fixed_ceiling_baseline(double seconds);

// The same of the bf16 dot product of AVX512_BF16 (vdpbf16ps: two multiply-adds a lane). Only where
// dot_executes().
double dot_ceiling(double seconds);

// Whether the processor executes the dot product: asked by executing it once, because a virtual machine may
// mask the feature's bit and leave the instruction.
bool dot_executes();

}  // namespace pcd::bench

#endif
