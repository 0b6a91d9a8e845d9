// SPDX-License-Identifier: Apache-2.0
//
// The matrix products of the network on row-major matrices, one micro-kernel family for all of them
// (cpu/micro_kernel.h). Factors are floats, or 16-bit integers that stand for values in fixed point
// (cpu/fixed_point.h); results are floats.
//
// `multiply` computes rows of  out = bias + residual + Σ_terms A_term · B_term,  B packed into panels of
// `panel_columns` columns: a tile of up to `tile_rows` rows and one panel is held in registers over the whole
// sum, so that each value of A is read once and broadcast, each vector of B read once a tile. A dilated
// convolution has three terms, the same rows of A shifted in time. `outer_product` computes  C (+)= Aᵀ · B
// over rows: the weight gradients.
//
// Sums run over terms and k (or rows) in ascending order for each element of the result, whatever the tiling.
// Those of integers are exact, in 32 bits, multiplied by a scale in the end.
#ifndef PCD_CPU_GEMM_H
#define PCD_CPU_GEMM_H

#include <cstdint>

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// Accumulators fill the registers: 14 x 2 of 32 (AVX-512), 6 x 2 of 16 otherwise.
constexpr int64_t panel_columns = 2 * W;
constexpr int tile_rows = W == 16 ? 14 : 6;
constexpr int max_terms = 3;

// Values of a packed matrix [k, columns]: panel after panel, each [k / k_group, panel_columns, k_group], missing
// columns 0.
constexpr int64_t packed_values(int64_t k, int64_t columns) {
  return (columns + panel_columns - 1) / panel_columns * panel_columns * k;
}

// Writes row k0 + i of a packed [k, columns] matrix from source[column · stride], for one k.
void pack_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
              float* packed);

// Memory that the next steps will touch. Products fetch it into the second-level cache on the way, a line
// every other k: their loops wait for arithmetic, not for memory, and what follows finds its data there.
class Ahead {
 public:
  template <class T>
  void add(const T* p, int64_t count) {
    const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
    if (count_ < most) ranges_[count_++] = {reinterpret_cast<const char*>(p), bytes};
  }
  // The next `bytes` bytes (a little more than what is left is harmless), or null when all is fetched.
  const char* take(int64_t bytes) {
    while (at_ < count_ && ranges_[at_].bytes <= 0) ++at_;
    if (at_ == count_) return nullptr;
    const char* p = ranges_[at_].p;
    ranges_[at_].p += bytes;
    ranges_[at_].bytes -= bytes;
    return p;
  }

 private:
  struct Range {
    const char* p;
    int64_t bytes;
  };
  static constexpr int most = 4;
  Range ranges_[most];
  int count_ = 0;
  int at_ = 0;
};

// Values of k that one step of a sum takes together: integers are multiplied in pairs, which lie side by side.
template <class T>
constexpr int k_group = sizeof(float) / sizeof(T);

// One term of a sum: row r of A starts at a + r·stride and holds k values; they meet rows [b_row, b_row + k)
// of the packed B. k and b_row are multiples of k_group.
template <class T>
struct Term {
  const T* a;
  int64_t stride;
  int64_t k;
  int64_t b_row;
};

// Up to tile_rows consecutive rows of the result.
template <class T>
struct Tile {
  Term<T> terms[max_terms];
  int count;
  int rows;
  int64_t row;  // first row, in out and residual
};

template <class T>
struct Product {
  const T* packed;  // B, [k_total, columns] as panels
  int64_t k_total;
  int64_t columns;
  const float* bias;      // [columns], or null
  const float* residual;  // added in the end, row-major with out's stride; or null; may be out itself
  float* out;
  int64_t stride;  // of out and residual
  Ahead* ahead = nullptr;
  float scale = 1;  // of sums of integers
};

// Computes all columns of the tiles; a panel of B is used for all tiles before the next is taken.
void multiply(const Product<float>& product, const Tile<float>* tiles, int count);
void multiply(const Product<int16_t>& product, const Tile<int16_t>* tiles, int count);

// The common case of one term: rows rows of A.
template <class T>
void multiply_rows(const Product<T>& product, const T* a, int64_t a_stride, int64_t rows) {
  constexpr int most = 4;
  Tile<T> tiles[most];
  int count = 0;
  const int64_t pieces = (rows + tile_rows - 1) / tile_rows;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    const int64_t first = rows * piece / pieces;
    const int64_t end = rows * (piece + 1) / pieces;
    Tile<T>& tile = tiles[count++];
    tile.terms[0] = {a + first * a_stride, a_stride, product.k_total, 0};
    tile.count = 1;
    tile.rows = static_cast<int>(end - first);
    tile.row = first;
    if (count == most || piece + 1 == pieces) {
      multiply(product, tiles, count);
      count = 0;
    }
  }
}

// A [rows, m] and B [rows, n] of an outer product; where they are integers, k_group rows lie interleaved as one:
// value i of rows t and t + 1 at [t·stride + 2·i].
template <class T>
struct OuterProduct {
  const T* a;
  int64_t a_stride;
  int64_t m;
  const T* b;
  int64_t b_stride;
  int64_t n;
  int64_t rows;  // groups of rows; 0 is allowed
  float* c;
  int64_t c_stride;
  bool accumulate;
  float scale = 1;  // of sums of integers
};

// c[i·c_stride + j] (+)= Σ over rows of a[·, i] · b[·, j] for i < m, j < n.
void outer_product(const OuterProduct<float>& product);
void outer_product(const OuterProduct<int16_t>& product);

}  // namespace pcd::cpu::PCD_ISA

#endif
