// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels behind cpu/gemm.h. Loops over accumulators are pack expansions with constant indices: the
// compiler then keeps each accumulator in a register, which it does not do for loops that it unrolls itself.
#include "cpu/gemm.h"

#include <utility>

#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

// Addresses of up to 14 rows a stride apart from two pointers and three multiples of the stride, as the
// scaled addressing of x86 allows. The multiples are hidden from the compiler, which would otherwise keep 14
// pointers.
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

// What a product fetches ahead: one line for every two k.
constexpr int64_t line = 64;
PCD_INLINE int64_t fetched_bytes(const Term& term) { return term.k / 2 * line; }
PCD_INLINE int64_t fetched_bytes(const Tile& tile) {
  int64_t bytes = 0;
  for (int i = 0; i < tile.count; ++i) bytes += fetched_bytes(tile.terms[i]);
  return bytes;
}

// Loads and stores of the vector n of a panel's row; only the last vector of a matrix may be partial.
template <bool partial>
PCD_INLINE vf get(const float* p, int64_t left) {
  if constexpr (partial) return load_partial(p, left);
  return load(p);
}
template <bool partial>
PCD_INLINE void put(float* p, vf x, int64_t left) {
  if constexpr (partial) {
    store_partial(p, x, left);
  } else {
    store(p, x);
  }
}

// `left`: columns of the tile's last vector that exist, when partial.
template <int R, int N, bool partial>
void multiply_tile(const Tile& tile, const float* panel, const Product& product, int64_t column,
                   int64_t left) {
  const char* ahead = product.ahead == nullptr ? nullptr : product.ahead->take(fetched_bytes(tile));
  constexpr auto rows = std::make_integer_sequence<int, R>();
  vf acc[R][N];
  unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
    constexpr bool edge = partial && n.value == N - 1;
    const float* bias = product.bias + column + n.value * W;
    const vf initial = product.bias == nullptr ? zero() : get<edge>(bias, left);
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { acc[r.value][n.value] = initial; });
  });
  for (int i = 0; i < tile.count; ++i) {
    const Term& term = tile.terms[i];
    const float* b = panel + term.b_row * panel_columns;
    RowAddresses a(term.a, term.stride);
    // Nothing to fetch: the panel's own lines, which are there.
    const char* fetch = ahead == nullptr ? reinterpret_cast<const char*>(b) : ahead;
    for (int64_t bytes = fetched_bytes(term); bytes != 0;) {
      bytes -= line;
      __builtin_prefetch(fetch + bytes, 0, 2);
      step(a, 0, b, acc, rows);
      step(a, 1, b + panel_columns, acc, rows);
      a.advance(2);
      b += 2 * panel_columns;
    }
    if (term.k % 2 != 0) step(a, 0, b, acc, rows);
    if (ahead != nullptr) ahead += fetched_bytes(term);
  }
  const int64_t at = tile.row * product.stride + column;
  if (product.residual != nullptr) {
    const float* residual = product.residual + at;
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
        constexpr bool edge = partial && n.value == N - 1;
        acc[r.value][n.value] += get<edge>(residual + n.value * W, left);
      });
      residual += product.stride;
    });
  }
  float* out = product.out + at;
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
      constexpr bool edge = partial && n.value == N - 1;
      put<edge>(out + n.value * W, acc[r.value][n.value], left);
    });
    out += product.stride;
  });
}

using MultiplyTile = void (*)(const Tile&, const float*, const Product&, int64_t, int64_t);

template <int N, bool partial, int... r>
PCD_INLINE MultiplyTile multiply_with(int rows, std::integer_sequence<int, r...>) {
  static constexpr MultiplyTile kernels[] = {multiply_tile<r + 1, N, partial>...};
  return kernels[rows - 1];
}

template <int N, bool partial, int... r>
PCD_INLINE void outer_step(const float* a, const float* b, int64_t left, vf (&acc)[sizeof...(r)][N],
                           std::integer_sequence<int, r...>) {
  if constexpr (N == 2) {
    const vf b0 = load(b);
    const vf b1 = get<partial>(b + W, left);
    (
        [&] {
          const vf x = broadcast(a[r]);
          acc[r][0] = fma(x, b0, acc[r][0]);
          acc[r][1] = fma(x, b1, acc[r][1]);
        }(),
        ...);
  } else {
    const vf b0 = get<partial>(b, left);
    ((acc[r][0] = fma(broadcast(a[r]), b0, acc[r][0])), ...);
  }
}

template <int R, int N, bool partial>
void outer_tile(const float* a, int64_t a_stride, const float* b, int64_t b_stride, int64_t rows, float* c,
                int64_t c_stride, int64_t left, bool accumulate) {
  constexpr auto sequence = std::make_integer_sequence<int, R>();
  vf acc[R][N];
  if (accumulate) {
    const float* from = c;
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
        constexpr bool edge = partial && n.value == N - 1;
        acc[r.value][n.value] = get<edge>(from + n.value * W, left);
      });
      from += c_stride;
    });
  } else {
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      unrolled<N>([&](auto n) PCD_INLINE_LAMBDA { acc[r.value][n.value] = zero(); });
    });
  }
  for (int64_t t = 0; t < rows; ++t) {
    outer_step<N, partial>(a, b, left, acc, sequence);
    a += a_stride;
    b += b_stride;
  }
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
      constexpr bool edge = partial && n.value == N - 1;
      put<edge>(c + n.value * W, acc[r.value][n.value], left);
    });
    c += c_stride;
  });
}

using OuterTile = void (*)(const float*, int64_t, const float*, int64_t, int64_t, float*, int64_t, int64_t,
                           bool);

template <int N, bool partial, int... r>
PCD_INLINE OuterTile outer_with(int rows, std::integer_sequence<int, r...>) {
  static constexpr OuterTile kernels[] = {outer_tile<r + 1, N, partial>...};
  return kernels[rows - 1];
}

constexpr auto all_rows = std::make_integer_sequence<int, tile_rows>();

}  // namespace

void pack_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
              float* packed) {
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
    const int64_t left = (columns - 1) % W + 1;
    const float* panel = product.packed + column * product.k_total;
    for (int i = 0; i < count; ++i) {
      MultiplyTile kernel;
      if (columns > W) {
        kernel = left == W ? multiply_with<2, false>(tiles[i].rows, all_rows)
                           : multiply_with<2, true>(tiles[i].rows, all_rows);
      } else {
        kernel = left == W ? multiply_with<1, false>(tiles[i].rows, all_rows)
                           : multiply_with<1, true>(tiles[i].rows, all_rows);
      }
      kernel(tiles[i], panel, product, column, left);
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
    const int64_t left = (columns - 1) % W + 1;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const int64_t first = m * piece / pieces;
      const int height = static_cast<int>(m * (piece + 1) / pieces - first);
      OuterTile kernel;
      if (columns > W) {
        kernel = left == W ? outer_with<2, false>(height, all_rows) : outer_with<2, true>(height, all_rows);
      } else {
        kernel = left == W ? outer_with<1, false>(height, all_rows) : outer_with<1, true>(height, all_rows);
      }
      kernel(a + first, a_stride, b + column, b_stride, rows, c + first * c_stride + column, c_stride, left,
             accumulate);
    }
  }
}

}  // namespace pcd::cpu::PCD_ISA
