// SPDX-License-Identifier: Apache-2.0
//
// The language's part of CUDA as far as kernels use it: qualifiers, built-in variables, vector types,
// functions.
#ifndef PCD_SIMT_CUDA_DEVICE_H
#define PCD_SIMT_CUDA_DEVICE_H

#include <math.h>

#include <cstdint>
#include <cstring>

#include "simt/thread.h"
#include "simt/warp.h"

#define __host__
#define __device__
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)
// shared.cc finds these variables by their symbols.
#define __shared__ static

// ---- vectors, aligned as in device memory
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline int2 make_int2(int x, int y) { return {x, y}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned width = 1, unsigned height = 1, unsigned depth = 1) : x(width), y(height), z(depth) {}
};

// ---- built-in variables
#define threadIdx (*::pcd::simt::thread_index)
#define blockIdx (::pcd::simt::block_index)
#define blockDim (::pcd::simt::block_size)
#define gridDim (::pcd::simt::grid_size)

// ---- meetings
inline void __syncthreads() { pcd::simt::block_barrier(); }
inline int __syncthreads_count(int predicate) {
  return static_cast<int>(pcd::simt::block_barrier_count(predicate != 0));
}
inline void __syncwarp() { pcd::simt::warp_collective("__syncwarp", pcd::simt::kAllLanes, nullptr, nullptr); }

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask) {
  struct Lane {
    T value;
    int lane_mask;
    T result;
  } lane{value, lane_mask, value};
  pcd::simt::warp_collective("__shfl_xor_sync", mask, &lane, [](void* const* arguments, uint32_t lanes) {
    for (uint32_t i = 0; i < pcd::simt::kWarp; ++i) {
      if ((lanes >> i & 1) == 0) continue;
      Lane& own = *static_cast<Lane*>(arguments[i]);
      const Lane* other = static_cast<const Lane*>(arguments[(i ^ static_cast<uint32_t>(own.lane_mask)) % 32]);
      if (other == nullptr) pcd::simt::fault("__shfl_xor_sync from a lane that does not take part");
      own.result = other->value;
    }
  });
  return lane.result;
}

// ---- memory shared by blocks; they run one after the other
inline int atomicAdd(int* place, int value) {
  const int before = *place;
  *place = before + value;
  return before;
}
inline unsigned atomicAdd(unsigned* place, unsigned value) {
  const unsigned before = *place;
  *place = before + value;
  return before;
}
inline void __threadfence() {}
inline void __threadfence_block() {}
template <typename T>
T __ldcg(const T* place) {
  return *place;
}
[[noreturn]] inline void __trap() { pcd::simt::fault("trap"); }

// ---- bits
namespace pcd::simt {
template <typename To, typename From>
To bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}
}  // namespace pcd::simt
inline float __int_as_float(int x) { return pcd::simt::bits<float>(x); }
inline float __uint_as_float(unsigned x) { return pcd::simt::bits<float>(x); }
inline unsigned __float_as_uint(float x) { return pcd::simt::bits<unsigned>(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }

// ---- arithmetic; the executor is compiled without contraction, so that these are the plain operators
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float x) { return static_cast<float>(1.0 / sqrt(static_cast<double>(x))); }
inline double cospi(double x) { return cos(3.14159265358979323846 * remainder(x, 2.0)); }
inline void sincospif(float x, float* sine, float* cosine) {
  const double angle = 3.14159265358979323846 * static_cast<double>(remainderf(x, 2.0f));
  *sine = static_cast<float>(sin(angle));
  *cosine = static_cast<float>(cos(angle));
}
// Towards zero.
inline float __double2float_rz(double x) {
  const float near = static_cast<float>(x);
  return fabs(static_cast<double>(near)) > fabs(x) ? nextafterf(near, 0.0f) : near;
}

#endif
