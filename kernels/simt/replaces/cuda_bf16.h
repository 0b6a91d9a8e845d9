// SPDX-License-Identifier: Apache-2.0
//
// Stands before CUDA's header of this name.
#ifndef PCD_SIMT_CUDA_BF16_H
#define PCD_SIMT_CUDA_BF16_H

#include "cuda_device.h"
#include "simt/number_formats.h"

struct __nv_bfloat16 {
  uint16_t pattern;
};

inline float __bfloat162float(__nv_bfloat16 x) { return pcd::simt::bf16_to_float(x.pattern); }
inline __nv_bfloat16 __float2bfloat16_rn(float x) { return {pcd::simt::float_to_bf16(x)}; }

#endif
