// SPDX-License-Identifier: Apache-2.0
//
// supcon, forward on Hopper; as forward_tiles.
#ifndef PCD_KERNELS_SUPCON_FORWARD_HOPPER_CUH
#define PCD_KERNELS_SUPCON_FORWARD_HOPPER_CUH

#include "supcon/forward.cuh"
#include "supcon/hopper.cuh"

namespace pcd::kernels::supcon {

template <bool kSplit>
using ForwardRing = Ring<kSplit, kSplit ? 3 : 4, kSplit ? 3 : 4>;

template <Kind kKind, bool kGeneral, bool kSplit>
PCD_KERNEL void __launch_bounds__(ForwardRing<kSplit>::kThreads, 1)
    forward_hopper(Problem p, int64_t strip_tiles, float4* partial) {
  if constexpr (kHaveWgmma) {
    using Shape = ForwardRing<kSplit>;
    PCD_DYNAMIC_SHARED(unsigned char, memory, 1024);
    const int warp = threadIdx.x / kWarp, g = threadIdx.x % kWarp / 4, t = threadIdx.x % 4;
    const int64_t warp_row = static_cast<int64_t>(blockIdx.x) * Shape::kRows + warp * 16;
    const int32_t begin = static_cast<int32_t>(blockIdx.y * strip_tiles);
    const int32_t end = static_cast<int32_t>(begin + strip_tiles < p.tiles ? begin + strip_tiles : p.tiles);
    Shape ring(p, shared_address(memory));
    ring.start(begin, end - begin);
    ring.load_rows(warp_row - warp % 4 * 16);
    OwnRows own;
    own.load(p, warp_row);
    Sums sums[2] = {};
    const int32_t own_row = static_cast<int32_t>(p.row_begin + warp_row);
    const bool wide = p.words > 2;

    for (int32_t tile = begin; tile < end; ++tile) {
      ring.enter(tile, end - tile);
      float s[32];
      begin_similarities<kSplit>(ring.own_image(), ring.image(), s);
      wgmma_wait<0>();
      wgmma_results(s);
      const Entries& entries = *reinterpret_cast<const Entries*>(memory + ring.entries_offset());
      const int place = place_in_tile(own_row, tile);
      const auto add = [&](auto is_diagonal) {
#pragma unroll
        for (int n = 0; n < kTile / 8; ++n) {
          const Columns<kKind, kGeneral> columns(entries, n * 8 + 2 * t);
          int32_t common[4];
          common_bits<kGeneral>(own.bits, entries, n * 8, wide, kKind == Kind::jaccard ? kCountBias : 0, common);
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            if (decltype(is_diagonal)::value && n * 8 + 2 * t + i % 2 == place + i / 2 * 8 + g) continue;
            sums[i / 2].add(columns, i % 2, own.rows[i / 2], p.scale, s[4 * n + i], common[i]);
          }
        }
      };
      if (place != kNoTile) {
        add(Constant<true>());
      } else {
        add(Constant<false>());
      }
      ring.leave(ring.stage);
      ring.advance();
    }
    write_sums(sums, warp_row, p.rows, partial + blockIdx.y * p.rows);
  } else {
    __trap();
  }
}

}  // namespace pcd::kernels::supcon

#endif
