// SPDX-License-Identifier: Apache-2.0
//
// supcon, backward on Hopper; as backward_tiles, but the work, every row block with every tile of columns, lies in one
// line that is cut into `runs` equal parts, whatever row blocks they cut through: no multiprocessor waits for others.
#ifndef PCD_KERNELS_SUPCON_BACKWARD_HOPPER_CUH
#define PCD_KERNELS_SUPCON_BACKWARD_HOPPER_CUH

#include "supcon/backward.cuh"
#include "supcon/hopper.cuh"

namespace pcd::kernels::supcon {

template <bool kSplit>
using BackwardRing = Ring<kSplit, 3, kSplit ? 3 : 4>;

// partial [runs + row blocks][kRows][kDepth]: run b leaves its part of row block r in place b + r.
template <Kind kKind, bool kGeneral, bool kSplit>
PCD_KERNEL void __launch_bounds__(BackwardRing<kSplit>::kThreads, 1)
    backward_hopper(Problem p, int64_t runs, float* partial) {
  if constexpr (kHaveWgmma) {
    using Shape = BackwardRing<kSplit>;
    constexpr int kFlush = BackwardShape<kSplit>::kFlush;
    PCD_DYNAMIC_SHARED(unsigned char, memory, 1024);
    const int warp = threadIdx.x / kWarp;
    const Runs work(p, Shape::kRows, runs);
    int32_t left = static_cast<int32_t>(work.first(blockIdx.x + 1) - work.first(blockIdx.x));
    int32_t tile = static_cast<int32_t>(work.first(blockIdx.x) % p.tiles);
    int32_t block = static_cast<int32_t>(work.first(blockIdx.x) / p.tiles);
    Shape ring(p, shared_address(memory));
    ring.start(tile, left);
    const bool wide = p.words > 2;
    OwnRows own;
    float gradient[2][32] = {}, s[32];
    int32_t done = 0;  // tiles of this row block

    // A tile's gradient and the next tile's similarities are asked for together.
    if (left > 0) ring.enter(tile, left);
    for (; left > 0; --left) {
      if (done == 0) {
        const int64_t warp_row = static_cast<int64_t>(block) * Shape::kRows + warp * 16;
        own.load(p, warp_row);
        ring.load_rows(warp_row - warp % 4 * 16);
        begin_similarities<kSplit>(ring.own_image(), ring.image(), s);
        wgmma_wait<0>();
      }
      wgmma_results(s);
      const Entries& entries = *reinterpret_cast<const Entries*>(memory + ring.entries_offset());
      const int place =
          place_in_tile(static_cast<int32_t>(p.row_begin) + block * Shape::kRows + warp * 16, tile);
      uint32_t high[kTile / 16][4], low[kSplit ? kTile / 16 : 1][4];
#pragma unroll
      for (int n = 0; n < kTile / 8; ++n) {
        pair_gradients<kKind, kGeneral, kSplit>(entries, n * 8, own.bits, wide, own.rows, p.scale, s + 4 * n,
                                                high[n / 2] + n % 2 * 2, low[kSplit ? n / 2 : 0] + n % 2 * 2);
      }
      if (place != kNoTile) {
#pragma unroll
        for (int n = 0; n < kTile / 8; ++n) {
          clear_own<kSplit>(n * 8, place, high[n / 2] + n % 2 * 2, low[kSplit ? n / 2 : 0] + n % 2 * 2);
        }
      }
      const int here = ring.stage;
      const uint64_t b = wgmma_descriptor(ring.image());
      const bool last = ++tile == p.tiles || left == 1;  // of the row block
      if (tile == p.tiles) tile = 0;
      if (left > 1) {
        ring.advance();
        ring.enter(tile, left - 1);
      }
      constexpr uint32_t kLow = kImage / 16;
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < kTile / 16; ++k) {
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          const uint32_t at = k * (16 * 128 / 16) + h * (kTile * 128 / 16);
          if constexpr (kSplit) {
            wgmma_f16<false, true>(gradient[h], low[k], further(b, at));
            wgmma_f16<false, true>(gradient[h], high[k], further(b, at + kLow));
          }
          wgmma_f16<false, true>(gradient[h], high[k], further(b, at));
        }
      }
      begin_similarities<kSplit>(ring.own_image(), ring.image(), s);  // of no use after the last tile
      wgmma_wait<0>();
      wgmma_results(gradient[0]);
      wgmma_results(gradient[1]);
      ring.leave(here);
      ++done;
      if (last || done % kFlush == 0) {
        flush_gradient(gradient, warp * 16, p.rows - static_cast<int64_t>(block) * Shape::kRows, done <= kFlush,
                       partial + (static_cast<int64_t>(blockIdx.x) + block) * (Shape::kRows * kDepth));
        if (last) ++block, done = 0;
      }
    }
  } else {
    __trap();
  }
}

}  // namespace pcd::kernels::supcon

#endif
