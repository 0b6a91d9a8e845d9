// SPDX-License-Identifier: Apache-2.0
//
// wgmma: d[64, n] += a[64, 16]·b[16, n] by the four warps of a warpgroup, asynchronously. As late as the
// program permits: each warp takes its 16 rows of a from registers and poisons d when a product is asked for;
// shared memory is read and d written in the wait that requires it. (Warps of a warpgroup may thus be further
// apart than hardware lets them be.)
//
// Faults: a product that needs wgmma_fence, because registers were last handed out by a wait, without one; d
// changed while under way; lanes or warps that ask for different products; products that nobody waited for.
#ifndef PCD_SIMT_WGMMA_H
#define PCD_SIMT_WGMMA_H

#include <cstdint>

#include "number_formats.h"

namespace pcd::simt {

struct Product {
  Format format;
  int n;
  bool fresh;       // d is replaced
  bool transposed;  // b lies [term][column]
  bool shared_a;    // a by descriptor, else by registers
  uint64_t a, b;    // descriptors
};

// `a`: the lane's four registers, or null.
void wgmma(const Product& product, float* d, const uint32_t* a);
void wgmma_fence();
void wgmma_commit();
// Completes all committed groups but the last `groups`.
void wgmma_wait(uint32_t groups);
// Faults if d belongs to a product under way.
void wgmma_results(const float* d);

}  // namespace pcd::simt

#endif
