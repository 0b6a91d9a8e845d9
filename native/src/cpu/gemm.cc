// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels behind cpu/gemm.h. Loops over accumulators are pack expansions with constant indices: the compiler
// then keeps each accumulator in a register, which it does not do for loops that it unrolls itself.
#include "cpu/gemm.h"

#include <utility>

#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

// Addresses of up to 14 rows a stride apart from two pointers and three multiples of the stride, as the scaled
// addressing of x86 allows. The multiples are hidden from the compiler, which would otherwise keep 14 pointers.
struct RowAddresses {
  const char* p;  // row 0
  const char* q;  // row 7
  int64_t s1, s3, s5;

  PCD_INLINE RowAddresses(const float* a, int64_t stride)
      : p(reinterpret_cast<const char*>(a)), s1(stride * 4) {
    s3 = 3 * s1;
    s5 = 5 * s1;
    q = p + 7 * s1;
    asm("" : "+r"(s1), "+r"(s3), "+r"(s5), "+r"(q));
  }

  template <int row>
  PCD_INLINE float at(int column) const {
    const char* address = nullptr;
    if constexpr (row == 0) address = p;
    if constexpr (row == 1) address = p + s1;
    if constexpr (row == 2) address = p + 2 * s1;
    if constexpr (row == 3) address = p + s3;
    if constexpr (row == 4) address = p + 4 * s1;
    if constexpr (row == 5) address = p + s5;
    if constexpr (row == 6) address = p + 2 * s3;
    if constexpr (row == 7) address = q;
    if constexpr (row == 8) address = p + 8 * s1;
    if constexpr (row == 9) address = q + 2 * s1;
    if constexpr (row == 10) address = p + 2 * s5;
    if constexpr (row == 11) address = q + 4 * s1;
    if constexpr (row == 12) address = p + 4 * s3;
    if constexpr (row == 13) address = q + 2 * s3;
    return reinterpret_cast<const float*>(address)[column];
  }

  PCD_INLINE void advance(int columns) {
    p += columns * 4;
    q += columns * 4;
  }
};

// One step of k: acc[r] += a[r] · b for N vectors of b.
template <int N, int... r>
PCD_INLINE void step(const RowAddresses& a, int column, const float* b, vf (&acc)[sizeof...(r)][N],
                     std::integer_sequence<int, r...>) {
  const vf b0 = load(b);
  if constexpr (N == 2) {
    const vf b1 = load(b + W);
    (
        [&] {
          const vf x = broadcast(a.at<r>(column));
          acc[r][0] = fma(x, b0, acc[r][0]);
          acc[r][1] = fma(x, b1, acc[r][1]);
        }(),
        ...);
  } else {
    ((acc[r][0] = fma(broadcast(a.at<r>(column)), b0, acc[r][0])), ...);
  }
}

template <int R, int N>
void multiply_tile(const Tile& tile, const float* panel, const Product& product, int64_t column, int64_t columns) {
  constexpr auto rows = std::make_integer_sequence<int, R>();
  vf acc[R][N];
  {
    vf bias[N];
    for (int n = 0; n < N; ++n) bias[n] = zero();
    if (product.bias != nullptr) {
      for (int n = 0; n < N; ++n) {
        const int64_t left = columns - n * W;
        bias[n] = left >= W ? load(product.bias + column + n * W) : load_partial(product.bias + column + n * W, left);
      }
    }
    for (int i = 0; i < R; ++i) {
      for (int n = 0; n < N; ++n) acc[i][n] = bias[n];
    }
  }
  for (int i = 0; i < tile.count; ++i) {
    const Term& term = tile.terms[i];
    const float* b = panel + term.b_row * panel_columns;
    RowAddresses a(term.a, term.stride);
    int64_t k = term.k;
    for (; k >= 2; k -= 2) {
      step(a, 0, b, acc, rows);
      step(a, 1, b + panel_columns, acc, rows);
      a.advance(2);
      b += 2 * panel_columns;
    }
    if (k != 0) step(a, 0, b, acc, rows);
  }
  float* out = product.out + tile.row * product.stride + column;
  const float* residual = product.residual == nullptr ? nullptr : product.residual + tile.row * product.stride + column;
  for (int i = 0; i < R; ++i) {
    for (int n = 0; n < N; ++n) {
      const int64_t at = i * product.stride + n * W;
      const int64_t left = columns - n * W;
      if (left >= W) {
        store(out + at, residual == nullptr ? acc[i][n] : acc[i][n] + load(residual + at));
      } else {
        store_partial(out + at, residual == nullptr ? acc[i][n] : acc[i][n] + load_partial(residual + at, left), left);
      }
    }
  }
}

using MultiplyTile = void (*)(const Tile&, const float*, const Product&, int64_t, int64_t);

template <int N, int... r>
constexpr MultiplyTile multiply_with(int rows, std::integer_sequence<int, r...>) {
  constexpr MultiplyTile kernels[] = {multiply_tile<r + 1, N>...};
  return kernels[rows - 1];
}

template <int R, int N, bool partial>
void outer_tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t rows, float* c,
                int64_t c_stride, int64_t columns, bool accumulate);

template <int N, bool partial, int... r>
PCD_INLINE void outer_step(const float* a, const float* b, int64_t columns, vf (&acc)[sizeof...(r)][N],
                           std::integer_sequence<int, r...>) {
  if constexpr (N == 2) {
    const vf b0 = load(b);
    const vf b1 = partial ? load_partial(b + W, columns - W) : load(b + W);
    (
        [&] {
          const vf x = broadcast(a[r]);
          acc[r][0] = fma(x, b0, acc[r][0]);
          acc[r][1] = fma(x, b1, acc[r][1]);
        }(),
        ...);
  } else {
    const vf b0 = partial ? load_partial(b, columns) : load(b);
    ((acc[r][0] = fma(broadcast(a[r]), b0, acc[r][0])), ...);
  }
}

template <int R, int N, bool partial>
void outer_tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t rows, float* c,
                int64_t c_stride, int64_t columns, bool accumulate) {
  constexpr auto sequence = std::make_integer_sequence<int, R>();
  vf acc[R][N];
  for (int i = 0; i < R; ++i) {
    for (int n = 0; n < N; ++n) {
      const float* from = c + i * c_stride + n * W;
      const bool last = partial && n == N - 1;
      acc[i][n] = !accumulate ? zero() : last ? load_partial(from, columns - n * W) : load(from);
    }
  }
  for (int64_t t = 0; t < rows; ++t) {
    outer_step<N, partial>(a, b, columns, acc, sequence);
    a += a_stride;
    b += b_stride;
  }
  for (int i = 0; i < R; ++i) {
    for (int n = 0; n < N; ++n) {
      float* to = c + i * c_stride + n * W;
      if (partial && n == N - 1) {
        store_partial(to, acc[i][n], columns - n * W);
      } else {
        store(to, acc[i][n]);
      }
    }
  }
}

using OuterTile = void (*)(const float*, int64_t, const float*, int64_t, int64_t, float*, int64_t, int64_t, bool);

template <int N, bool partial, int... r>
constexpr OuterTile outer_with(int rows, std::integer_sequence<int, r...>) {
  constexpr OuterTile kernels[] = {outer_tile<r + 1, N, partial>...};
  return kernels[rows - 1];
}

constexpr auto all_rows = std::make_integer_sequence<int, tile_rows>();

}  // namespace

void pack_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns, float* packed) {
  for (int64_t column = 0; column < columns; column += panel_columns) {
    float* to = packed + column * k_total + k * panel_columns;
    const int64_t here = least(panel_columns, columns - column);
    for (int64_t j = 0; j < here; ++j) to[j] = source[(column + j) * stride];
    for (int64_t j = here; j < panel_columns; ++j) to[j] = 0.0f;
  }
}

void multiply(const Product& product, const Tile* tiles, int count) {
  for (int64_t column = 0; column < product.columns; column += panel_columns) {
    const int64_t columns = least(panel_columns, product.columns - column);
    const float* panel = product.packed + column * product.k_total;
    for (int i = 0; i < count; ++i) {
      const MultiplyTile kernel =
          columns > W ? multiply_with<2>(tiles[i].rows, all_rows) : multiply_with<1>(tiles[i].rows, all_rows);
      kernel(tiles[i], panel, product, column, columns);
    }
  }
}

void multiply_rows(const Product& product, const float* a, int64_t a_stride, int64_t rows) {
  constexpr int most = 4;
  Tile tiles[most];
  int count = 0;
  const int64_t pieces = (rows + tile_rows - 1) / tile_rows;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    const int64_t first = rows * piece / pieces;
    const int64_t end = rows * (piece + 1) / pieces;
    Tile& tile = tiles[count++];
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

void outer_product(const float* a, int64_t a_stride, int64_t m, const float* b, int64_t b_stride, int64_t n,
                   int64_t rows, float* c, int64_t c_stride, bool accumulate) {
  const int64_t pieces = (m + tile_rows - 1) / tile_rows;
  for (int64_t column = 0; column < n; column += panel_columns) {
    const int64_t columns = least(panel_columns, n - column);
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const int64_t first = m * piece / pieces;
      const int height = static_cast<int>(m * (piece + 1) / pieces - first);
      OuterTile kernel;
      if (columns > W) {
        kernel = columns == panel_columns ? outer_with<2, false>(height, all_rows) : outer_with<2, true>(height, all_rows);
      } else {
        kernel = columns == W ? outer_with<1, false>(height, all_rows) : outer_with<1, true>(height, all_rows);
      }
      kernel(a + first, a_stride, b + column, b_stride, rows, c + first * c_stride + column, c_stride, columns,
             accumulate);
    }
  }
}

}  // namespace pcd::cpu::PCD_ISA
