// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels behind cpu/gemm.h, for factors of type T. Loops over accumulators are pack expansions with
// constant indices: the compiler then keeps each accumulator in a register, which it does not do for loops that
// it unrolls itself.
#ifndef PCD_CPU_MICRO_KERNEL_H
#define PCD_CPU_MICRO_KERNEL_H

#include <utility>

#include "cpu/gemm.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {

// What a lane holds (k_group values of T) and how lanes are multiplied, added up and brought to floats.
template <class T>
struct Lanes;

template <>
struct Lanes<float> {
  using Vector = vf;
  using Lane = float;
  static PCD_INLINE Vector multiply_add(Vector a, Vector b, Vector sum) { return fma(a, b, sum); }
  // A sum that began with `initial` is complete.
  static PCD_INLINE Vector start(vf initial) { return initial; }
  static PCD_INLINE vf finish(Vector sum, vf, float) { return sum; }
};

template <>
struct Lanes<int16_t> {
  using Vector = vi;
  using Lane = int32_t;
  static PCD_INLINE Vector multiply_add(Vector a, Vector b, Vector sum) { return dot2(a, b, sum); }
  static PCD_INLINE Vector start(vf) { return vi{}; }
  static PCD_INLINE vf finish(Vector sum, vf initial, float scale) {
    return fma(to_float(sum), broadcast(scale), initial);
  }
};

// Addresses of up to 14 rows a stride apart from two pointers and three multiples of the stride, as the
// scaled addressing of x86 allows. The multiples are hidden from the compiler, which would otherwise keep 14
// pointers.
struct RowAddresses {
  const char* p;  // row 0
  const char* q;  // row 7
  int64_t s1, s3, s5;

  PCD_INLINE RowAddresses(const void* a, int64_t stride_bytes)
      : p(static_cast<const char*>(a)), s1(stride_bytes) {
    s3 = 3 * s1;
    s5 = 5 * s1;
    q = p + 7 * s1;
    asm("" : "+r"(s1), "+r"(s3), "+r"(s5), "+r"(q));
  }

  // The present lane of a row.
  template <class Lane, int row>
  PCD_INLINE Lane at() const {
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
    return *load_lanes_of<Lane>(address);
  }

  // To the next lane; hidden, or the compiler would keep sums with the multiples.
  PCD_INLINE void advance() {
    p += 4;
    q += 4;
    asm("" : "+r"(p), "+r"(q));
  }

  template <class Lane>
  using Any __attribute__((may_alias)) = Lane;
  template <class Lane>
  static PCD_INLINE const Any<Lane>* load_lanes_of(const void* address) {
    return static_cast<const Any<Lane>*>(address);
  }
};

template <class T>
using Vector = typename Lanes<T>::Vector;

template <class T>
PCD_INLINE Vector<T> load_lanes(const T* p) {
  return reinterpret_cast<Vector<T>>(load(reinterpret_cast<const float*>(p)));
}

// One step of k: acc[r] += a[r] · b for N vectors of b.
template <class T, int N, int... r>
PCD_INLINE void step(const RowAddresses& a, const T* b, Vector<T> (&acc)[sizeof...(r)][N],
                     std::integer_sequence<int, r...>) {
  using L = Lanes<T>;
  const Vector<T> b0 = load_lanes(b);
  if constexpr (N == 2) {
    const Vector<T> b1 = load_lanes(b + W * k_group<T>);
    (
        [&] {
          const Vector<T> x = broadcast(a.at<typename L::Lane, r>());
          acc[r][0] = L::multiply_add(x, b0, acc[r][0]);
          acc[r][1] = L::multiply_add(x, b1, acc[r][1]);
        }(),
        ...);
  } else {
    ((acc[r][0] = L::multiply_add(broadcast(a.at<typename L::Lane, r>()), b0, acc[r][0])), ...);
  }
}

// What a product fetches ahead: one line for every two steps.
constexpr int64_t line = 64;
template <class T>
PCD_INLINE int64_t fetched_bytes(const Term<T>& term) {
  return term.k / k_group<T> / 2 * line;
}
template <class T>
PCD_INLINE int64_t fetched_bytes(const Tile<T>& tile) {
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
template <class T, int R, int N, bool partial>
void multiply_tile(const Tile<T>& tile, const T* panel, const Product<T>& product, int64_t column,
                   int64_t left) {
  constexpr int64_t row = panel_columns * k_group<T>;  // of a panel
  const char* ahead = product.ahead == nullptr ? nullptr : product.ahead->take(fetched_bytes(tile));
  constexpr auto rows = std::make_integer_sequence<int, R>();
  const auto initial = [&](auto n) PCD_INLINE_LAMBDA {
    constexpr bool edge = partial && n.value == N - 1;
    const float* bias = product.bias + column + n.value * W;
    return product.bias == nullptr ? zero() : get<edge>(bias, left);
  };
  Vector<T> acc[R][N];
  unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
    const Vector<T> start = Lanes<T>::start(initial(n));
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { acc[r.value][n.value] = start; });
  });
  for (int i = 0; i < tile.count; ++i) {
    const Term<T>& term = tile.terms[i];
    const T* b = panel + term.b_row * panel_columns;
    RowAddresses a(term.a, term.stride * static_cast<int64_t>(sizeof(T)));
    // Nothing to fetch: the panel's own lines, which are there.
    const char* fetch = ahead == nullptr ? reinterpret_cast<const char*>(b) : ahead;
    for (int64_t bytes = fetched_bytes(term); bytes != 0;) {
      bytes -= line;
      __builtin_prefetch(fetch + bytes, 0, 2);
      step(a, b, acc, rows);
      a.advance();
      step(a, b + row, acc, rows);
      a.advance();
      b += 2 * row;
    }
    if (term.k / k_group<T> % 2 != 0) step(a, b, acc, rows);
    if (ahead != nullptr) ahead += fetched_bytes(term);
  }
  const int64_t at = tile.row * product.stride + column;
  vf sum[R][N];
  unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
    const vf from = initial(n);
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      sum[r.value][n.value] = Lanes<T>::finish(acc[r.value][n.value], from, product.scale);
    });
  });
  if (product.residual != nullptr) {
    const float* residual = product.residual + at;
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
        constexpr bool edge = partial && n.value == N - 1;
        sum[r.value][n.value] += get<edge>(residual + n.value * W, left);
      });
      residual += product.stride;
    });
  }
  float* out = product.out + at;
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
      constexpr bool edge = partial && n.value == N - 1;
      put<edge>(out + n.value * W, sum[r.value][n.value], left);
    });
    out += product.stride;
  });
}

template <class T>
using MultiplyTile = void (*)(const Tile<T>&, const T*, const Product<T>&, int64_t, int64_t);

template <class T, int N, bool partial, int... r>
PCD_INLINE MultiplyTile<T> multiply_with(int rows, std::integer_sequence<int, r...>) {
  static constexpr MultiplyTile<T> kernels[] = {multiply_tile<T, r + 1, N, partial>...};
  return kernels[rows - 1];
}

// B's rows may be partial in their last vector.
template <class T, int N, bool partial, int... r>
PCD_INLINE void outer_step(const T* a, const T* b, int64_t left, Vector<T> (&acc)[sizeof...(r)][N],
                           std::integer_sequence<int, r...>) {
  using L = Lanes<T>;
  const auto lane = [&](int i) PCD_INLINE_LAMBDA {
    return broadcast(RowAddresses::load_lanes_of<typename L::Lane>(a)[i]);
  };
  const float* b_lanes = reinterpret_cast<const float*>(b);
  if constexpr (N == 2) {
    const auto b0 = reinterpret_cast<Vector<T>>(load(b_lanes));
    const auto b1 = reinterpret_cast<Vector<T>>(get<partial>(b_lanes + W, left));
    (
        [&] {
          const Vector<T> x = lane(r);
          acc[r][0] = L::multiply_add(x, b0, acc[r][0]);
          acc[r][1] = L::multiply_add(x, b1, acc[r][1]);
        }(),
        ...);
  } else {
    const auto b0 = reinterpret_cast<Vector<T>>(get<partial>(b_lanes, left));
    ((acc[r][0] = L::multiply_add(lane(r), b0, acc[r][0])), ...);
  }
}

template <class T, int R, int N, bool partial>
void outer_tile(const OuterProduct<T>& product, const T* a, const T* b, float* c, int64_t left) {
  constexpr auto sequence = std::make_integer_sequence<int, R>();
  const bool accumulate = product.accumulate;
  const int64_t c_stride = product.c_stride;
  const auto initial = [&](auto r, auto n) PCD_INLINE_LAMBDA {
    constexpr bool edge = partial && n.value == N - 1;
    return accumulate ? get<edge>(c + r.value * c_stride + n.value * W, left) : zero();
  };
  Vector<T> acc[R][N];
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    unrolled<N>(
        [&](auto n) PCD_INLINE_LAMBDA { acc[r.value][n.value] = Lanes<T>::start(initial(r, n)); });
  });
  for (int64_t t = 0; t < product.rows; ++t) {
    outer_step<T, N, partial>(a, b, left, acc, sequence);
    a += product.a_stride;
    b += product.b_stride;
  }
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    unrolled<N>([&](auto n) PCD_INLINE_LAMBDA {
      constexpr bool edge = partial && n.value == N - 1;
      const vf result = Lanes<T>::finish(acc[r.value][n.value], initial(r, n), product.scale);
      put<edge>(c + r.value * c_stride + n.value * W, result, left);
    });
  });
}

template <class T>
using OuterTile = void (*)(const OuterProduct<T>&, const T*, const T*, float*, int64_t);

template <class T, int N, bool partial, int... r>
PCD_INLINE OuterTile<T> outer_with(int rows, std::integer_sequence<int, r...>) {
  static constexpr OuterTile<T> kernels[] = {outer_tile<T, r + 1, N, partial>...};
  return kernels[rows - 1];
}

constexpr auto all_rows = std::make_integer_sequence<int, tile_rows>();

template <class T>
PCD_INLINE void multiply_all(const Product<T>& product, const Tile<T>* tiles, int count) {
  for (int64_t column = 0; column < product.columns; column += panel_columns) {
    const int64_t columns = least(panel_columns, product.columns - column);
    const int64_t left = (columns - 1) % W + 1;
    const T* panel = product.packed + column * product.k_total;
    for (int i = 0; i < count; ++i) {
      MultiplyTile<T> kernel;
      if (columns > W) {
        kernel = left == W ? multiply_with<T, 2, false>(tiles[i].rows, all_rows)
                           : multiply_with<T, 2, true>(tiles[i].rows, all_rows);
      } else {
        kernel = left == W ? multiply_with<T, 1, false>(tiles[i].rows, all_rows)
                           : multiply_with<T, 1, true>(tiles[i].rows, all_rows);
      }
      kernel(tiles[i], panel, product, column, left);
    }
  }
}

template <class T>
PCD_INLINE void outer_product_all(const OuterProduct<T>& product) {
  const int64_t pieces = (product.m + tile_rows - 1) / tile_rows;
  for (int64_t column = 0; column < product.n; column += panel_columns) {
    const int64_t columns = least(panel_columns, product.n - column);
    const int64_t left = (columns - 1) % W + 1;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const int64_t first = product.m * piece / pieces;
      const int height = static_cast<int>(product.m * (piece + 1) / pieces - first);
      OuterTile<T> kernel;
      if (columns > W) {
        kernel = left == W ? outer_with<T, 2, false>(height, all_rows) : outer_with<T, 2, true>(height, all_rows);
      } else {
        kernel = left == W ? outer_with<T, 1, false>(height, all_rows) : outer_with<T, 1, true>(height, all_rows);
      }
      kernel(product, product.a + first * k_group<T>, product.b + column * k_group<T>,
             product.c + first * product.c_stride + column, left);
    }
  }
}

}  // namespace pcd::cpu::PCD_ISA

#endif
