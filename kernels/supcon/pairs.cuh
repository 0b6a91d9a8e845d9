// SPDX-License-Identifier: Apache-2.0
//
// supcon, pair by pair: target weights, a row's sums, and the gradient of a pair. Everything that all paths share once
// a similarity and the common label bits of a pair are known.
#ifndef PCD_KERNELS_SUPCON_PAIRS_CUH
#define PCD_KERNELS_SUPCON_PAIRS_CUH

#include "supcon/problem.cuh"

namespace pcd::kernels::supcon {

// Bits that jaccard's counts start from: as a float they read 2^23 + count, which spares a conversion.
constexpr int32_t kCountBias = 0x4B000000;

// The place of a warp's first row in a tile of columns, if the tile holds any of its 16; else kNoTile, which is no
// place. The same for all lanes. A row is no pair with itself.
constexpr int kNoTile = -2 * kTile;
PCD_DEVICE int place_in_tile(int32_t row, int32_t tile) {
  const int place = row - tile * kTile;
  return place > -16 && place < kTile ? place : kNoTile;
}

// A row's own part of its pairs.
struct Row {
  int32_t group;
  float size;
  float2 factor;

  PCD_DEVICE void load(const Problem& p, int64_t row) {
    const Entries& e = p.entries[row / kTile];
    group = e.group[row % kTile].x;
    size = e.size[row % kTile];
    factor = e.factor[row % kTile];
  }
};

// What two neighbouring columns of a tile bring to their pairs. kGeneral: there may be groups, and more than 128 label
// bits; without it the short way, which knows neither.
template <Kind kKind, bool kGeneral>
struct Columns {
  float base[2], size[2];
  int2 group[2];

  PCD_DEVICE Columns(const Entries& entries, int column) {
    const float2 b = *reinterpret_cast<const float2*>(&entries.base[column]);
    base[0] = b.x, base[1] = b.y;
    if constexpr (kKind == Kind::jaccard) {
      const float2 n = *reinterpret_cast<const float2*>(&entries.size[column]);
      size[0] = n.x, size[1] = n.y;
    }
    if constexpr (kGeneral) {
      const int4 g = *reinterpret_cast<const int4*>(&entries.group[column]);
      group[0] = make_int2(g.x, g.y), group[1] = make_int2(g.z, g.w);
    }
  }

  PCD_DEVICE bool grouped(const Row& row, int c) const {
    return kGeneral && ((row.group ^ group[c].x) | group[c].y) == 0;
  }
  // any, out: whether the pair is a positive.
  PCD_DEVICE bool positive(const Row& row, int c, int32_t common) const { return common != 0 || grouped(row, c); }
  // jaccard: |both| / |either|, 1 within a group; `common` counts from kCountBias.
  PCD_DEVICE float index(const Row& row, int c, int32_t common) const {
    const float both = __int_as_float(common) - 8388608.0f;
    const float quotient = both * reciprocal_fast(row.size + size[c] - both);
    return grouped(row, c) ? 1.0f : quotient;
  }
};

struct Sums {
  float all, positive, weight, similarity;  // Σe, Σe of positives, Σw, Σw·s in units of the images' products

  template <Kind kKind, bool kGeneral>
  PCD_DEVICE void add(const Columns<kKind, kGeneral>& columns, int c, const Row& row, float scale, float s,
                      int32_t common) {
    const float e = exp2_fast(fmaf(s, scale, -columns.base[c]));
    all += e;
    if constexpr (kKind == Kind::jaccard) {
      const float w = columns.index(row, c, common);
      if (w > 0.0f) positive += e;
      weight += w;
      similarity = fmaf(w, s, similarity);
    } else if (columns.positive(row, c, common)) {
      positive += e;
      weight += 1.0f;
      similarity += s;
    }
  }
};

// (G_ij + G_ji)·A·2^kPairExponent. softmax and target: sums of both entries' factors.
template <Kind kKind, bool kGeneral>
PCD_DEVICE float pair_gradient(const Columns<kKind, kGeneral>& columns, int c, const Row& row, float2 factor,
                               float scale, float s, int32_t common) {
  const float e = exp2_fast(fmaf(s, scale, -columns.base[c]));
  const float softmax = row.factor.x + factor.x, target = row.factor.y + factor.y;
  if constexpr (kKind == Kind::any) {
    return e * (columns.positive(row, c, common) ? softmax - target : softmax);
  } else if constexpr (kKind == Kind::out) {
    const float g = e * softmax;
    return columns.positive(row, c, common) ? g - target : g;
  } else {
    return fmaf(e, softmax, -columns.index(row, c, common) * target);
  }
}

}  // namespace pcd::kernels::supcon

#endif
