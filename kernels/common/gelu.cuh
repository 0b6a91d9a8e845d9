// SPDX-License-Identifier: Apache-2.0
//
// GELU in the tanh form (Hendrycks & Gimpel 2016), v·s with s = (1 + tanh u)/2 = 1/(1 + e^(-2u)),
// u = sqrt(2/π)·(v + 0.044715·v³), and its derivative s + v·s·(1 - s)·2·du/dv.
#ifndef PCD_KERNELS_COMMON_GELU_CUH
#define PCD_KERNELS_COMMON_GELU_CUH

#include "common/device.cuh"

namespace pcd::kernels {

PCD_DEVICE float gelu_factor(float v) {
  // -2·log2(e)·u; large v of either sign end at 1 and 0, since 2^t overflows to infinity or underflows to 0.
  const float t = v * fmaf(v * v, -0.102943240f, -2.302208198f);
  return __fdividef(1.0f, 1.0f + exp2f(fminf(t, 126.0f)));
}

PCD_DEVICE float gelu(float v) { return v * gelu_factor(v); }

PCD_DEVICE float gelu_derivative(float v) {
  const float s = gelu_factor(v);
  const float slope = fmaf(v * v, 0.214064470f, 1.595769122f);
  return fmaf(v * s * slope, 1.0f - s, s);
}

}  // namespace pcd::kernels

#endif
