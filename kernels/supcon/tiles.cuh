// SPDX-License-Identifier: Apache-2.0
//
// supcon on the tensor cores by mma.sync: copying a tile of columns to shared memory, a warp's rows as operand
// fragments in registers, and their similarities with a part of the tile.
//
// kSplit: z·z' as hi·hi + (hi·lo + lo·hi), which leaves out lo·lo, 2^-24 of the whole: fp32's precision. The small
// terms are summed apart (on Hopper first), so that the tensor cores' truncating sums round the large ones eight times
// only. Without
// kSplit: hi·hi, relative errors of 2^-12 in z (TF32's).
#ifndef PCD_KERNELS_SUPCON_TILES_CUH
#define PCD_KERNELS_SUPCON_TILES_CUH

#include "supcon/problem.cuh"

namespace pcd::kernels::supcon {

constexpr int kSteps = kDepth / 16;  // of an mma over the depth

template <bool kSplit>
constexpr int kParts = kSplit ? 2 : 1;  // hi, lo

template <bool kSplit>
constexpr int kStageBytes = kParts<kSplit> * kImage + static_cast<int>(sizeof(Entries));

// Begins to copy a tile to a stage: hi, lo, entries.
template <bool kSplit, int kThreads>
PCD_DEVICE void load_tile(const Problem& p, int64_t tile, uint32_t stage) {
  const uint32_t mine = threadIdx.x * 16;
#pragma unroll
  for (uint32_t i = 0; i < kImage; i += kThreads * 16) {
    if (i + mine < kImage) {
      copy_async(stage + i + mine, p.high + tile * kImage + i + mine);
      if (kSplit) copy_async(stage + kImage + i + mine, p.low + tile * kImage + i + mine);
    }
  }
  const unsigned char* entries = reinterpret_cast<const unsigned char*>(p.entries + tile);
  for (uint32_t i = mine; i < sizeof(Entries); i += kThreads * 16) {
    copy_async(stage + kParts<kSplit> * kImage + i, entries + i);
  }
}

// What a lane holds of the two rows g and g + 8 of one 16-row operand: z and the label bits.
template <bool kSplit>
struct RowFragment {
  uint32_t z[kParts<kSplit>][kSteps][4];
  uint32_t bits[2][2];

  PCD_DEVICE void load(const Problem& p, const int64_t (&rows)[2]) {
    const int t = threadIdx.x % 4;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int64_t tile = rows[half] / kTile;
      const uint32_t row = static_cast<uint32_t>(rows[half] % kTile);
#pragma unroll
      for (int part = 0; part < kParts<kSplit>; ++part) {
        const unsigned char* image = (part == 0 ? p.high : p.low) + tile * kImage + 4 * t;
#pragma unroll
        for (int piece = 0; piece < 2 * kSteps; ++piece) {
          z[part][piece / 2][piece % 2 * 2 + half] =
              *reinterpret_cast<const uint32_t*>(image + image_offset(row, piece));
        }
      }
      bits[0][half] = p.entries[tile].bits[0][row][t];
      bits[1][half] = p.entries[tile].bits[1][row][t];
    }
  }
};

// Where a lane points ldmatrix within 16 rows of an image: columns of the similarities (two n8 operands, k halves
// first), or, transposed, columns as the depth of the gradient's product.
PCD_DEVICE uint32_t lane_offset_columns() {
  const uint32_t lane = threadIdx.x % kWarp, r = lane % 8, m = lane / 8;
  return ((m >> 1) * 8 + r) * 128 + (((m & 1) ^ r) << 4);
}
PCD_DEVICE uint32_t lane_offset_depth() {
  const uint32_t lane = threadIdx.x % kWarp, r = lane % 8, m = lane / 8;
  return ((m & 1) * 8 + r) * 128 + (((m >> 1) ^ r) << 4);
}
// The address of the pieces 2·step and 2·step + 1 of the depth, from that of the first two.
PCD_DEVICE uint32_t at_step(uint32_t address, int step) {
  return (address ^ ((step & 3) << 5)) + (step >> 2) * (kTile * 128);
}

// s = products of the warp's kM·16 rows with 16·kPairs columns of a stage, from the image address of the first.
template <bool kSplit, int kM, int kPairs>
PCD_DEVICE void similarities(const RowFragment<kSplit> (&rows)[kM], uint32_t columns,
                             float (&s)[kM][2 * kPairs][4]) {
  float small[kSplit ? kM : 1][kSplit ? 2 * kPairs : 1][4] = {};
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int n = 0; n < 2 * kPairs; ++n) s[m][n][0] = s[m][n][1] = s[m][n][2] = s[m][n][3] = 0.0f;
  }
#pragma unroll
  for (int k = 0; k < kSteps; ++k) {
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      uint32_t b[4];
      load_matrices(at_step(columns, k) + pair * (16 * 128), b);
#pragma unroll
      for (int m = 0; m < kM; ++m) {
        mma_f16(s[m][2 * pair], rows[m].z[0][k], b[0], b[1]);
        mma_f16(s[m][2 * pair + 1], rows[m].z[0][k], b[2], b[3]);
        if constexpr (kSplit) {
          mma_f16(small[m][2 * pair], rows[m].z[1][k], b[0], b[1]);
          mma_f16(small[m][2 * pair + 1], rows[m].z[1][k], b[2], b[3]);
        }
      }
      if constexpr (kSplit) {
        load_matrices(at_step(columns, k) + kImage + pair * (16 * 128), b);
#pragma unroll
        for (int m = 0; m < kM; ++m) {
          mma_f16(small[m][2 * pair], rows[m].z[0][k], b[0], b[1]);
          mma_f16(small[m][2 * pair + 1], rows[m].z[0][k], b[2], b[3]);
        }
      }
    }
  }
  if constexpr (kSplit) {
#pragma unroll
    for (int m = 0; m < kM; ++m) {
#pragma unroll
      for (int n = 0; n < 2 * kPairs; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) s[m][n][i] += small[m][n][i];
      }
    }
  }
}

// Common label bits of 16 rows and the eight columns from `column`, places as those of the similarities. kGeneral:
// bits 128 to 255 count too, if `wide`.
template <bool kGeneral>
PCD_DEVICE void common_bits(const uint32_t (&bits)[2][2], const Entries& entries, int column, bool wide,
                            int32_t start, int32_t (&common)[4]) {
  const int lane = threadIdx.x % kWarp;
  common[0] = common[1] = common[2] = common[3] = start;
  mma_and_popc(common, bits[0], entries.bits[0][column + lane / 4][lane % 4]);
  if (kGeneral && wide) mma_and_popc(common, bits[1], entries.bits[1][column + lane / 4][lane % 4]);
}

}  // namespace pcd::kernels::supcon

#endif
