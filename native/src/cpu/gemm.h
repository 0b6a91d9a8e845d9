// SPDX-License-Identifier: Apache-2.0
//
// The matrix products of the network on row-major fp32 matrices, one micro-kernel family for all of them.
//
// `multiply` computes rows of  out = bias + residual + Σ_terms A_term · B_term,  B packed into panels of
// `panel_columns` columns: a tile of up to `tile_rows` rows and one panel is held in registers over the whole
// sum, so that each value of A is read once and broadcast, each vector of B read once a tile. A dilated
// convolution has three terms, the same rows of A shifted in time. `outer_product` computes  C (+)= Aᵀ · B
// over rows: the weight gradients.
//
// Sums run over terms and k (or rows) in ascending order for each element of the result, whatever the tiling.
#ifndef PCD_CPU_GEMM_H
#define PCD_CPU_GEMM_H

#include <cstdint>

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// Accumulators fill the registers: 14 x 2 of 32 (AVX-512), 6 x 2 of 16 otherwise.
constexpr int64_t panel_columns = 2 * W;
constexpr int tile_rows = W == 16 ? 14 : 6;
constexpr int max_terms = 3;

// Floats of a packed matrix [k, columns]: panel after panel, each [k, panel_columns], missing columns 0.
constexpr int64_t packed_floats(int64_t k, int64_t columns) {
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

// One term of a sum: row r of A starts at a + r·stride and holds k values; they meet rows [b_row, b_row + k)
// of the packed B.
struct Term {
  const float* a;
  int64_t stride;
  int64_t k;
  int64_t b_row;
};

// Up to tile_rows consecutive rows of the result.
struct Tile {
  Term terms[max_terms];
  int count;
  int rows;
  int64_t row;  // first row, in out and residual
};

struct Product {
  const float* packed;  // B, [k_total, columns] as panels
  int64_t k_total;
  int64_t columns;
  const float* bias;      // [columns], or null
  const float* residual;  // added in the end, row-major with out's stride; or null; may be out itself
  float* out;
  int64_t stride;  // of out and residual
  Ahead* ahead = nullptr;
};

// Computes all columns of the tiles; a panel of B is used for all tiles before the next is taken.
void multiply(const Product& product, const Tile* tiles, int count);

// The common case of one term: rows rows of A.
void multiply_rows(const Product& product, const float* a, int64_t a_stride, int64_t rows);

// c[i·c_stride + j] (+)= Σ_{t < rows} a[t·a_stride + i] · b[t·b_stride + j] for i < m, j < n. rows = 0 is
// allowed.
void outer_product(const float* a, int64_t a_stride, int64_t m, const float* b, int64_t b_stride, int64_t n,
                   int64_t rows, float* c, int64_t c_stride, bool accumulate);

}  // namespace pcd::cpu::PCD_ISA

#endif
