// SPDX-License-Identifier: Apache-2.0
//
// Stands in the SIMT executor's builds where kernels/common/mma.cuh stands in CUDA's: the same functions,
// emulated. What they mean, where fragments lie and how descriptors are made is said there; what is checked,
// in kernels/simt/README.md. All architectures' functions exist here; one that the emulated architecture
// lacks is a fault when it is called.
#ifndef PCD_KERNELS_COMMON_MMA_CUH
#define PCD_KERNELS_COMMON_MMA_CUH

#include <cmath>

#include "common/device.cuh"
#include "simt/async_copy.h"
#include "simt/counter.h"
#include "simt/granules.h"
#include "simt/matrix.h"
#include "simt/number_formats.h"
#include "simt/shared.h"
#include "simt/warp.h"
#include "simt/wgmma.h"

namespace pcd::kernels {

constexpr int kWarpgroup = 128;  // threads
constexpr bool kHaveMma = true;
constexpr bool kHaveWgmma = true;

PCD_DEVICE uint32_t shared_address(const void* pointer) { return simt::shared_address(pointer); }

// ---- asynchronous copies
PCD_DEVICE void copy_async(uint32_t target, const void* source, int bytes = 16) {
  simt::async_copy(target, source, bytes);
}
PCD_DEVICE void copy_async_commit() { simt::async_copy_commit(); }
template <int N>
PCD_DEVICE void copy_async_wait() {
  simt::async_copy_wait(N);
}

// ---- bulk copies and their counters
PCD_DEVICE void count_init(uint32_t counter, uint32_t arrivals) { simt::counter_init(counter, arrivals); }
PCD_DEVICE void count_init_fence() { simt::counter_init_fence(); }
PCD_DEVICE void copy_bulk(uint32_t target, const void* source, uint32_t bytes, uint32_t counter) {
  simt::counter_expect(counter, bytes);
  simt::counter_arrive(counter);
  simt::bulk_copy(target, source, bytes, counter);
}
PCD_DEVICE void count_wait(uint32_t counter, uint32_t parity) { simt::counter_wait(counter, parity); }

// As on a GPU: all lanes of a warp come by.
PCD_DEVICE void keep_order() { __syncwarp(); }
template <typename Word>
PCD_DEVICE void compute_afresh(Word&) {}

PCD_DEVICE void barrier(int id, int threads) {
  if (id < 1 || id > 15) simt::fault("barrier %d: ids are 1 to 15", id);
  simt::named_barrier(static_cast<uint32_t>(id), static_cast<uint32_t>(threads));
}

// ---- matrices
// What all lanes of a warp brought to an instruction that needs all of them.
template <typename Operands>
inline void gather(void* const* arguments, uint32_t lanes, const Operands* (&all)[simt::kLanes]) {
  if (lanes != simt::kAllLanes) {
    simt::fault("an instruction of a whole warp in a warp that has lanes %08x alone", lanes);
  }
  for (int lane = 0; lane < simt::kLanes; ++lane) all[lane] = static_cast<const Operands*>(arguments[lane]);
}

struct MatrixLoad {
  const unsigned char* row;
  uint32_t* results;
};
template <bool kTransposed>
inline void combine_loads(void* const* arguments, uint32_t mask) {
  const MatrixLoad* lanes[simt::kLanes];
  gather(arguments, mask, lanes);
  const unsigned char* rows[simt::kLanes];
  uint32_t* results[simt::kLanes];
  for (int lane = 0; lane < simt::kLanes; ++lane) {
    rows[lane] = lanes[lane]->row;
    results[lane] = lanes[lane]->results;
  }
  simt::load_matrices(rows, kTransposed, results);
}
template <bool kTransposed>
inline void load_matrices_by(uint32_t address, uint32_t (&r)[4]) {
  const char* const name = kTransposed ? "ldmatrix.trans" : "ldmatrix";
  MatrixLoad load{static_cast<const unsigned char*>(simt::shared_pointer(address, 16, 16, name)), r};
  simt::warp_collective(name, simt::kAllLanes, &load, combine_loads<kTransposed>);
}
PCD_DEVICE void load_matrices(uint32_t address, uint32_t (&r)[4]) { load_matrices_by<false>(address, r); }
PCD_DEVICE void load_matrices_transposed(uint32_t address, uint32_t (&r)[4]) {
  load_matrices_by<true>(address, r);
}

template <simt::Format kFormat>
inline void combine_mma(void* const* arguments, uint32_t mask) {
  const simt::MmaOperands* lanes[simt::kLanes];
  gather(arguments, mask, lanes);
  simt::mma(kFormat, lanes);
}
PCD_DEVICE void mma_bf16(float* d, const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  simt::require(80, "mma.sync of bf16");
  simt::MmaOperands own{d, a, {b0, b1}};
  simt::warp_collective("mma.sync of bf16", simt::kAllLanes, &own, combine_mma<simt::Format::bf16>);
}

// ---- numbers; what the GPU approximates is precise here
PCD_DEVICE uint32_t pack_bf16(float low, float high) {
  return static_cast<uint32_t>(simt::float_to_bf16(high)) << 16 | simt::float_to_bf16(low);
}
PCD_DEVICE float low_bf16(uint32_t packed) { return simt::float_of(packed << 16); }
PCD_DEVICE float high_bf16(uint32_t packed) { return simt::float_of(packed & 0xffff0000u); }
PCD_DEVICE float tanh_approximate(float x) { return std::tanh(x); }

// ---- wgmma
PCD_DEVICE void fence_shared_for_wgmma() { simt::granules_fenced(); }
PCD_DEVICE void wgmma_fence() { simt::wgmma_fence(); }
PCD_DEVICE void wgmma_commit() { simt::wgmma_commit(); }
template <int N>
PCD_DEVICE void wgmma_wait() {
  simt::wgmma_wait(N);
}
PCD_DEVICE uint64_t wgmma_descriptor(uint32_t address) {
  return static_cast<uint64_t>((address & 0x3ffffu) >> 4) | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 |
         uint64_t{1} << 62;
}
template <int N>
PCD_DEVICE void wgmma(float (&d)[N / 2], const uint32_t (&a)[4], uint64_t b) {
  static_assert(N == 64 || N == 128 || N == 256, "widths of the blocks");
  simt::wgmma({simt::Format::bf16, N, false, false, false, 0, b}, d, a);
}

}  // namespace pcd::kernels

#endif
