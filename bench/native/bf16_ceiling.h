// SPDX-License-Identifier: Apache-2.0
//
// The most bf16 multiply-adds a core does: twelve independent chains of vdpbf16ps in registers and nothing else.
#ifndef PCD_BENCH_BF16_CEILING_H
#define PCD_BENCH_BF16_CEILING_H

namespace pcd::bench {

// Best rate over slices within about `seconds`, floating-point operations (two a multiply-add) a second of one thread.
// Only for processors with AVX512_BF16; defined where the compiler knows it.
double bf16_ceiling(double seconds);

}  // namespace pcd::bench

#endif
