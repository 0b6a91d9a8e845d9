// SPDX-License-Identifier: Apache-2.0
//
// supcon: what the kernels share. Entries are arranged once, in tiles of kTile, as the images that a block copies to
// shared memory: z as two matrices of halves, and the few numbers of each entry (Entries).
//
//   s_ij = z_i·z_j/τ; e_ij = exp(s_ij - 1/τ) never overflows because |s| <= 1/τ, and with 2/τ < 80 the largest
//   term of a row survives in fp32. Half has 11 bits: hi = half(2^8·z) and lo = half(2^8·z - hi) carry 22 bits of z.
#ifndef PCD_KERNELS_SUPCON_PROBLEM_CUH
#define PCD_KERNELS_SUPCON_PROBLEM_CUH

#include "common/mma_half.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::supcon {

constexpr int kTile = 64;                // entries of a tile
constexpr int kDepth = 128;              // z is padded to this by zeros for the tensor cores
constexpr int kImage = kTile * kDepth * 2;  // bytes of a tile's hi or lo halves
constexpr float kEmbeddingScale = 256.0f;   // of the halves
constexpr int kPairExponent = 13;           // pair gradients are held times 2^13: |G_ij + G_ji|·A <= 2

enum class Kind { any, out, jaccard };

// A value known to the compiler, as an argument.
template <bool kValue>
struct Constant {
  static constexpr bool value = kValue;
};

// Of the entries of a tile; an entry that does not exist or takes no part has base = +inf, so that e = 0, no label
// bits and no group.
struct Entries {
  uint32_t bits[2][kTile][4];  // label bits 0 to 127, 128 to 255
  float base[kTile];           // what is subtracted from s·log2(e)
  float2 factor[kTile];        // backward: what multiplies a pair's softmax and its target weight; 0 for no anchor
  int2 group[kTile];           // group; 0, or -1 when there is none
  float size[kTile];           // label bits, at least 1
};
static_assert(sizeof(Entries) % 16 == 0, "copied in pieces of 16 bytes");

struct Problem {
  int64_t n, depth, words, row_begin, rows, tiles;
  float scale;         // s·log2(e) = scale · (product of the images)
  float shift;         // log2(e)/τ, as rounded to float
  const float* z;      // [n, depth]
  const uint64_t* labels;
  const int32_t* groups;
  unsigned char* high;  // [tiles][kImage]
  unsigned char* low;
  Entries* entries;     // [tiles]
};

// Place of 16-byte piece `piece` (eight values of z) of a tile's row: two blocks of 64 rows × 128 bytes, in which the
// pieces of a row change places by the row's low bits, so that eight rows' pieces lie in different banks. It is also
// the 128-byte swizzle that wgmma reads.
PCD_DEVICE uint32_t image_offset(uint32_t row, uint32_t piece) {
  return (piece >> 3) * (kTile * 128) + row * 128 + (((piece ^ row) & 7) << 4);
}

// Fills the images and entries; a block a tile. Backward gives the statistics of all entries; forward null. `anchors`
// [tiles] receives the number of anchors in the tile.
constexpr int kArrangeThreads = 256;
PCD_KERNEL void __launch_bounds__(kArrangeThreads)
    arrange(Problem p, int kind, bool views_only, const float* statistics, int32_t* anchors, unsigned* finished) {
  __shared__ bool valid[kTile];
  const int64_t first = static_cast<int64_t>(blockIdx.x) * kTile;
  Entries& out = p.entries[blockIdx.x];
  if (blockIdx.x == 0 && threadIdx.x == 0) *finished = 0;
  bool anchor = false;
  if (threadIdx.x < kTile) {
    const int j = threadIdx.x;
    const int64_t entry = first + j;
    const bool exists = entry < p.n;
    uint64_t words[4] = {};
    if (exists && !views_only) {
#pragma unroll
      for (int w = 0; w < 4; ++w) {
        if (w < p.words) words[w] = p.labels[entry * p.words + w];
      }
    }
    const bool part = exists && (views_only || (words[0] | words[1] | words[2] | words[3]) != 0);
    int size = 0;
#pragma unroll
    for (int w = 0; w < 4; ++w) {
      size += __popcll(words[w]);
      out.bits[w / 2][j][w % 2 * 2] = static_cast<uint32_t>(words[w]);
      out.bits[w / 2][j][w % 2 * 2 + 1] = static_cast<uint32_t>(words[w] >> 32);
    }
    float row[3] = {};
    if (exists && statistics != nullptr) {
#pragma unroll
      for (int k = 0; k < 3; ++k) row[k] = statistics[entry * 4 + k];
    }
    const float shift = statistics == nullptr ? p.shift : p.shift - static_cast<float>(kPairExponent);
    anchor = row[2] != 0.0f;
    float2 factor = make_float2(0.0f, 0.0f);
    if (anchor) {
      const double natural = static_cast<double>(p.shift) * 0.693147180559945309;
      factor.x = static_cast<float>(exp(natural - static_cast<double>(row[0])));
      factor.y = kind == PCD_SUPCON_ANY ? static_cast<float>(exp(natural - static_cast<double>(row[1])))
                                        : static_cast<float>(1 << kPairExponent) / row[2];
    }
    out.base[j] = part ? shift : __int_as_float(0x7f800000);
    out.factor[j] = factor;
    out.group[j] = part && p.groups != nullptr ? make_int2(p.groups[entry], 0) : make_int2(0, -1);
    out.size[j] = static_cast<float>(size > 0 ? size : 1);
    valid[j] = part;
  }
  const int count = __syncthreads_count(anchor);
  if (threadIdx.x == 0) anchors[blockIdx.x] = count;
  if (p.high == nullptr) return;
  for (int i = threadIdx.x; i < kTile * (kDepth / 8); i += kArrangeThreads) {
    const int row = i / (kDepth / 8), piece = i % (kDepth / 8);
    const float* z = p.z + (first + row) * p.depth + piece * 8;
    float x[8];
#pragma unroll
    for (int k = 0; k < 8; ++k) x[k] = valid[row] && piece * 8 + k < p.depth ? z[k] * kEmbeddingScale : 0.0f;
    uint32_t high[4], low[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      high[k] = pack_half(x[2 * k], x[2 * k + 1]);
      const float2 rounded = unpack_half(high[k]);
      low[k] = pack_half(x[2 * k] - rounded.x, x[2 * k + 1] - rounded.y);
    }
    const int64_t at = static_cast<int64_t>(blockIdx.x) * kImage + image_offset(row, piece);
    *reinterpret_cast<uint4*>(p.high + at) = make_uint4(high[0], high[1], high[2], high[3]);
    if (p.low != nullptr) *reinterpret_cast<uint4*>(p.low + at) = make_uint4(low[0], low[1], low[2], low[3]);
  }
}

}  // namespace pcd::kernels::supcon

#endif
