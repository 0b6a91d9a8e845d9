// SPDX-License-Identifier: Apache-2.0
//
// fill and cast: one element a thread and turn of a grid-stride loop.
#ifndef PCD_KERNELS_ELEMENTWISE_CUH
#define PCD_KERNELS_ELEMENTWISE_CUH

#include "common/device.cuh"

namespace pcd::kernels::elementwise {

constexpr int kThreads = 256;
constexpr int64_t kPerBlock = 4 * kThreads;

template <typename T>
PCD_KERNEL void fill(T* out, T value, int64_t n) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n; i += step) out[i] = value;
}

// One rounding, to nearest even. bf16 from double: by way of a float that is rounded to odd.
template <typename To, typename From>
struct Convert {
  static PCD_DEVICE To of(From x) { return static_cast<To>(x); }
};
template <typename From>
struct Convert<bf16, From> {
  static PCD_DEVICE bf16 of(From x) {
    float near = __double2float_rz(static_cast<double>(x));
    if (isfinite(near) && static_cast<double>(near) != static_cast<double>(x)) {
      near = __uint_as_float(__float_as_uint(near) | 1u);
    }
    return __float2bfloat16_rn(near);
  }
};
template <>
struct Convert<bf16, float> {
  static PCD_DEVICE bf16 of(float x) { return __float2bfloat16_rn(x); }
};
template <typename To>
struct Convert<To, bf16> {
  static PCD_DEVICE To of(bf16 x) { return static_cast<To>(__bfloat162float(x)); }
};

template <typename To, typename From>
PCD_KERNEL void cast(const From* in, To* out, int64_t n) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < n; i += step) {
    out[i] = Convert<To, From>::of(in[i]);
  }
}

}  // namespace pcd::kernels::elementwise

#endif
