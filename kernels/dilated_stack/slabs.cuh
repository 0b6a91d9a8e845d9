// SPDX-License-Identifier: Apache-2.0
//
// The weights of dilated_stack on tensor cores: how they are packed, how they come to shared memory, and the product
// with one slab, by wgmma on sm_90a and by mma.sync elsewhere, from the same layout.
//
// Slab: C rows (the product's columns) of 64 terms, 128 bytes, chunk j of row n at j ^ (n mod 8), which is both wgmma's
// 128-byte swizzle and free of bank conflicts for ldmatrix.
#ifndef PCD_KERNELS_DILATED_STACK_SLABS_CUH
#define PCD_KERNELS_DILATED_STACK_SLABS_CUH

#include "common/mma.cuh"
#include "dilated_stack/parameters.cuh"

namespace pcd::kernels::stack {

constexpr int kSlabDepth = 64;  // terms of a slab
constexpr int kChunk = 16;      // bytes of a copy, eight elements

PCD_BOTH int slabs(int c) { return c / kSlabDepth; }  // of one matrix
PCD_BOTH int slab_bytes(int c) { return c * kSlabDepth * 2; }
PCD_BOTH int matrix_bytes(int c) { return c * c * 2; }
PCD_BOTH int64_t packed_bytes(int64_t c) { return 2 * kMatrices * c * c * 2; }  // of a block: as it is and exchanged

// Slabs of all matrices of a block: [orientation][matrix][slab][n][64]; in the first orientation n is the output
// channel, in the second the input channel. A thread a chunk; grid (chunks of a block / 256, blocks).
PCD_KERNEL void pack_slabs(const float* parameters, int c, uint4* packed) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x, chunks = packed_bytes(c) / kChunk;
  if (e >= chunks) return;
  const Parameters<const float> p(parameters + blockIdx.y * block_parameters(c), c);
  const int row = static_cast<int>(e / 8), chunk = static_cast<int>(e % 8);  // rows of all slabs
  const int n = row % c, slab = row / c % slabs(c), matrix = row / c / slabs(c) % kMatrices;
  const bool exchanged = row / c / slabs(c) >= kMatrices;
  const int k0 = slab * kSlabDepth + (chunk ^ (n & 7)) * 8;
  uint32_t pair[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int k = k0 + 2 * i;
    const float first = exchanged ? weight_at(p, matrix, k, n, c) : weight_at(p, matrix, n, k, c);
    const float second = exchanged ? weight_at(p, matrix, k + 1, n, c) : weight_at(p, matrix, n, k + 1, c);
    pair[i] = pack_bf16(first, second);
  }
  packed[blockIdx.y * chunks + e] = make_uint4(pair[0], pair[1], pair[2], pair[3]);
}

// acc[64, C] += a[64, 64]·slab, the left operand's four fragments given.
template <int C, bool kWgmma>
PCD_DEVICE void multiply_slab(float (&acc)[C / 2], const uint32_t (&a)[4][4], uint32_t slab, int lane) {
  compute_afresh(slab);
  if constexpr (kWgmma) {
    const uint64_t b = wgmma_descriptor(slab);
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < 4; ++k) wgmma<C>(acc, a[k], b + 2 * k);
    wgmma_commit();
  } else {
    // Rows n of two neighbouring 8-column results, and the two halves of k.
    const int n = (lane & 7) + ((lane >> 4) << 3), half = (lane >> 3) & 1;
    const uint32_t row = slab + n * 128;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const uint32_t address = row + (((2 * k + half) ^ (n & 7)) * kChunk);
#pragma unroll
      for (int j = 0; j < C / 16; ++j) {
        uint32_t b[4];
        load_matrices(address + j * 16 * 128, b);
        mma_bf16(&acc[8 * j], a[k], b[0], b[1]);
        mma_bf16(&acc[8 * j + 4], a[k], b[2], b[3]);
      }
    }
  }
}

// Where the weights' slabs come from. acquire() gives the address of the next one in the products' order; release()
// says that this warp has read the oldest one that it holds.

// Slabs that lie in shared memory for the whole launch.
template <int C>
struct ResidentSlabs {
  uint32_t base;
  PCD_DEVICE uint32_t acquire(int slab) { return base + slab * slab_bytes(C); }
  PCD_DEVICE void release() {}
};

// Slabs that stream through a ring of kRing, the same sequence of kCount again and again. All threads of the block take
// each slab at the same time; copies run kRing - 1 slabs ahead.
template <int C, int kRing, int kCount, int kThreadsOfBlock>
struct StreamedSlabs {
  const char* source;
  uint32_t ring;
  int next = 0, slot = 0;

  PCD_DEVICE void start() {
#pragma unroll
    for (int i = 0; i < kRing - 1; ++i) request(i);
  }
  PCD_DEVICE void request(int target) {
    constexpr int kBytes = slab_bytes(C);
    const char* from = source + static_cast<int64_t>(next) * kBytes;
    const uint32_t to = ring + target * kBytes;
#pragma unroll 4
    for (int i = threadIdx.x * kChunk; i < kBytes; i += kThreadsOfBlock * kChunk) copy_async(to + i, from + i);
    copy_async_commit();
    next = next + 1 == kCount ? 0 : next + 1;
  }
  // Whoever asks has read the slab before, and everybody comes here with the same slab.
  PCD_DEVICE uint32_t acquire(int) {
    copy_async_wait<kRing - 2>();
    __syncthreads();
    request((slot + kRing - 1) % kRing);
    const uint32_t address = ring + slot * slab_bytes(C);
    slot = slot + 1 == kRing ? 0 : slot + 1;
    return address;
  }
  PCD_DEVICE void release() {}
};

// The same through the copy engine: warpgroups run apart by up to a ring, because the last warp to release a slab
// asks for the one that takes its place. `left` slabs have not been asked for, a multiple of kCount at first.
constexpr int kRingState = 256;  // bytes: a counter of bytes and one of readers for each slot
template <int C, int kRing, int kCount, int kWarps>
struct BulkSlabs {
  const char* source;
  uint32_t ring;
  int* readers;
  int left;
  int slot = 0, parity = 0, oldest = 0;

  PCD_DEVICE uint32_t counter(int of) const { return ring + kRing * slab_bytes(C) + 8 * of; }

  // By all threads, before a barrier of the block; then request_first().
  PCD_DEVICE void start() {
    if (threadIdx.x < kRing) {
      count_init(counter(threadIdx.x), 1);
      readers[threadIdx.x] = 0;
    }
    count_init_fence();
  }
  PCD_DEVICE void request_first() {
#pragma unroll
    for (int i = 0; i < kRing; ++i, --left) {
      if (threadIdx.x == 0) request(i);
    }
  }
  PCD_DEVICE void request(int target) const {
    constexpr int kBytes = slab_bytes(C);
    if (left > 0) {
      copy_bulk(ring + target * kBytes, source + (kCount - left % kCount) % kCount * kBytes, kBytes, counter(target));
    }
  }
  PCD_DEVICE uint32_t acquire(int) {
    count_wait(counter(slot), parity);
    const uint32_t address = ring + slot * slab_bytes(C);
    if (++slot == kRing) {
      slot = 0;
      parity ^= 1;
    }
    return address;
  }
  PCD_DEVICE void release() {
    if (threadIdx.x % kWarp == 0 && atomicAdd(readers + oldest, 1) == kWarps - 1) {
      readers[oldest] = 0;
      __threadfence_block();
      request(oldest);
    }
    --left;
    oldest = oldest + 1 == kRing ? 0 : oldest + 1;
  }
};

// Shared memory of the weights: all of them, or a ring and, with the copy engine, its state.
PCD_BOTH int slab_memory(int c, bool wgmma, int ring, int matrices) {
  return ring == 0 ? matrices * matrix_bytes(c) : ring * slab_bytes(c) + (wgmma ? kRingState : 0);
}

template <int C, bool kWgmma, int kRing, int kMatricesTaken, int kThreadsOfBlock>
struct Slabs {
  static constexpr int kCount = kMatricesTaken * slabs(C);
  static constexpr bool kLockstep = kRing != 0 && !kWgmma;  // acquire() is a barrier of the block
  static constexpr bool kBulk = kRing != 0 && kWgmma;

  // The weights from `source`, to the beginning of `memory`; `rounds` over all of them. Waits for what this
  // block has written to shared memory and, unless in lockstep, copied there.
  static PCD_DEVICE auto open(const char* source, char* memory, int rounds) {
    const uint32_t base = shared_address(memory);
    if constexpr (kLockstep) {
      StreamedSlabs<C, kRing, kCount, kThreadsOfBlock> result{source, base};
      result.start();
      __syncthreads();  // what the caller has written is there for all
      return result;
    } else if constexpr (kBulk) {
      int* readers = reinterpret_cast<int*>(memory + kRing * slab_bytes(C) + 8 * kRing);
      BulkSlabs<C, kRing, kCount, kThreadsOfBlock / kWarp> result{source, base, readers, kCount * rounds};
      result.start();
      copy_async_commit();
      copy_async_wait<0>();
      __syncthreads();
      result.request_first();
      return result;
    } else {
      constexpr int bytes = kMatricesTaken * matrix_bytes(C);
      for (int i = threadIdx.x * kChunk; i < bytes; i += kThreadsOfBlock * kChunk) copy_async(base + i, source + i);
      copy_async_commit();
      copy_async_wait<0>();
      fence_shared_for_wgmma();
      __syncthreads();
      return ResidentSlabs<C>{base};
    }
  }
};

}  // namespace pcd::kernels::stack

#endif
