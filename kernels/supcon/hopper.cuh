// SPDX-License-Identifier: Apache-2.0
//
// supcon on Hopper: what forward and backward share. A warpgroup has 64 rows, whose images lie in shared memory; tiles
// of columns arrive by bulk copies in a ring. Warpgroups do not wait for each other, only for tiles: while one does
// exponentials, the tensor cores work for another.
#ifndef PCD_KERNELS_SUPCON_HOPPER_CUH
#define PCD_KERNELS_SUPCON_HOPPER_CUH

#include "supcon/pairs.cuh"
#include "supcon/tiles.cuh"

namespace pcd::kernels::supcon {

// Shared memory: the rows' images (a warpgroup after the other, hi then lo), the ring's images, its entries, barriers.
template <bool kSplit, int kGroupCount, int kRing>
struct Ring {
  static constexpr int kThreads = kGroupCount * kWarpgroup;
  static constexpr int kRows = kGroupCount * kTile;
  static constexpr int kBytes = kParts<kSplit> * kImage;  // of a tile, or of a warpgroup's rows
  static constexpr int kImages = kGroupCount * kBytes;
  static constexpr int kEntries = kImages + kRing * kBytes;
  static constexpr int kBarriers = kEntries + kRing * static_cast<int>(sizeof(Entries));
  static constexpr int kSharedBytes = kBarriers + 2 * kRing * 8;
  // Tile t + kAhead is asked for at tile t, into the place of tile t - 2: what a warpgroup may lag behind.
  static constexpr int kAhead = kRing - 2;

  const Problem& p;
  uint32_t shared;
  int stage = 0;        // place of the tile in work
  uint32_t parity = 0;  // of the ring's round

  PCD_DEVICE Ring(const Problem& problem, uint32_t address) : p(problem), shared(address) {
    if (threadIdx.x == 0) {
      for (int i = 0; i < kRing; ++i) {
        count_init(full(i), kParts<kSplit> + 1);
        count_init(empty(i), kThreads / kWarp);
      }
      count_init_fence();
    }
    __syncthreads();
  }

  PCD_DEVICE uint32_t full(int i) const { return shared + kBarriers + 8 * i; }
  PCD_DEVICE uint32_t empty(int i) const { return shared + kBarriers + 8 * (kRing + i); }
  PCD_DEVICE uint32_t own_image() const { return shared + threadIdx.x / kWarpgroup * kBytes; }
  PCD_DEVICE uint32_t image() const { return shared + kImages + stage * kBytes; }
  PCD_DEVICE int entries_offset() const { return kEntries + stage * static_cast<int>(sizeof(Entries)); }

  // Copies the warpgroup's 64 rows, which need not begin with a tile; the last one is repeated past the end. The
  // warpgroup has waited for its products with the rows before.
  PCD_DEVICE void load_rows(int64_t first) const {
    const int id = 1 + threadIdx.x / kWarpgroup;
    barrier(id, kWarpgroup);
    for (int i = threadIdx.x % kWarpgroup; i < kTile * (kDepth / 8); i += kWarpgroup) {
      const int local = i / (kDepth / 8), piece = i % (kDepth / 8);
      const int64_t row = p.row_begin + (first + local < p.rows ? first + local : p.rows - 1);
      const int64_t from = row / kTile * kImage + image_offset(static_cast<uint32_t>(row % kTile), piece);
      const uint32_t to = own_image() + image_offset(local, piece);
      copy_async(to, p.high + from);
      if (kSplit) copy_async(to + kImage, p.low + from);
    }
    copy_async_commit();
    copy_async_wait<0>();
    fence_shared_for_wgmma();
    barrier(id, kWarpgroup);
  }

  // Thread 0 alone.
  PCD_DEVICE void ask(int place, int32_t tile) const {
    const uint32_t arrived = full(place), target = shared + kImages + place * kBytes;
    const int64_t from = static_cast<int64_t>(tile) * kImage;
    copy_bulk(target, p.high + from, kImage, arrived);
    if (kSplit) copy_bulk(target + kImage, p.low + from, kImage, arrived);
    copy_bulk(shared + kEntries + place * static_cast<int>(sizeof(Entries)), p.entries + tile, sizeof(Entries),
              arrived);
  }

  // The tile that comes so many after `tile`; after the last comes the first again.
  PCD_DEVICE int32_t tile_after(int32_t tile, int by) const {
    for (tile += by; tile >= p.tiles; tile -= static_cast<int32_t>(p.tiles)) {
    }
    return tile;
  }
  // Before the first of `left` tiles.
  PCD_DEVICE void start(int32_t tile, int32_t left) const {
    if (threadIdx.x == 0) {
      for (int i = 0; i < kAhead && i < left; ++i) ask(i, tile_after(tile, i));
    }
    __syncwarp();
  }
  // Before work on a tile; `left` counts it and those that follow.
  PCD_DEVICE void enter(int32_t tile, int32_t left) const {
    if (threadIdx.x == 0 && left > kAhead) {
      // The place two back, or ahead in this round, where the first round finds nothing to wait for.
      const int place = stage < 2 ? stage + kAhead : stage - 2;
      count_wait(empty(place), stage < 2 ? parity ^ 1 : parity);
      ask(place, tile_after(tile, kAhead));
    }
    __syncwarp();
    count_wait(full(stage), parity);
  }
  // The warp no longer reads the tile of this place.
  PCD_DEVICE void leave(int place) const {
    if (threadIdx.x % kWarp == 0) count_arrive(empty(place));
    __syncwarp();
  }
  PCD_DEVICE void advance() {
    if (++stage == kRing) stage = 0, parity ^= 1;
  }
};

// The descriptor of what lies so many times 16 bytes further on.
PCD_DEVICE uint64_t further(uint64_t descriptor, uint32_t by) {
  return (descriptor & 0xffffffff00000000u) | (static_cast<uint32_t>(descriptor) + by);
}

// Begins s = products of 64 rows with the 64 columns of a tile, both as images at these addresses, and commits. kSplit:
// the small products first, since the sums' rounding is then as small as they are.
template <bool kSplit>
PCD_DEVICE void begin_similarities(uint32_t rows, uint32_t columns, float (&s)[32]) {
  const uint64_t a = wgmma_descriptor(rows), b = wgmma_descriptor(columns);
  constexpr uint32_t kLow = kImage / 16;
  wgmma_fence();
#pragma unroll
  for (int part = kSplit ? 0 : 1; part < 2; ++part) {
#pragma unroll
    for (int k = 0; k < kSteps; ++k) {
      const uint32_t at = (k & 3) * 2 + (k >> 2) * (kTile * 128 / 16);
      if (part == 0) {
        if (k == 0) {
          wgmma_f16<true>(s, further(a, at + kLow), further(b, at));
        } else {
          wgmma_f16<false>(s, further(a, at + kLow), further(b, at));
        }
        wgmma_f16<false>(s, further(a, at), further(b, at + kLow));
      } else if (k == 0 && !kSplit) {
        wgmma_f16<true>(s, further(a, at), further(b, at));
      } else {
        wgmma_f16<false>(s, further(a, at), further(b, at));
      }
    }
  }
  wgmma_commit();
}

// What a lane holds of the rows g and g + 8 of its warp, besides z.
struct OwnRows {
  Row rows[2];
  uint32_t bits[2][2];

  PCD_DEVICE void load(const Problem& p, int64_t warp_row) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int64_t row = warp_row + h * 8 + threadIdx.x % kWarp / 4;
      const int64_t entry = p.row_begin + (row < p.rows ? row : p.rows - 1);
      rows[h].load(p, entry);
      const Entries& e = p.entries[entry / kTile];
      bits[0][h] = e.bits[0][entry % kTile][threadIdx.x % 4];
      bits[1][h] = e.bits[1][entry % kTile][threadIdx.x % 4];
    }
  }
};

}  // namespace pcd::kernels::supcon

#endif
