// SPDX-License-Identifier: Apache-2.0
//
// A dilated convolution with three taps over one window [L, C] as tiles of rows for cpu/gemm.h: three
// products with the same rows at t - d, t, t + d, zero outside the window. Products that would only meet
// zeros are left out.
#ifndef PCD_CPU_DILATED_CONV_H
#define PCD_CPU_DILATED_CONV_H

#include <cstdint>

#include "cpu/gemm.h"

namespace pcd::cpu::PCD_ISA {

// Tiles that are multiplied together, so that a panel of weights serves all of them from the first-level
// cache.
constexpr int tile_group = 4;
constexpr int64_t group_rows = tile_group * tile_rows;

// Walks over a window's rows, of floats or of integers (fixed point; an even number of channels), in groups of
// tiles. Tiles end where a tap starts or stops to reach beyond the window, if that leaves them tall enough to
// be worth it.
template <class T>
class DilatedConv {
 public:
  // `offset` is the first tap's: -dilation for the convolution, +dilation for its transpose. `edges` is
  // scratch memory of edge_values(channels), for tiles that straddle the window's ends.
  DilatedConv(const T* x, int64_t length, int64_t channels, int64_t offset, T* edges);

  static constexpr int64_t edge_values(int64_t channels) { return 2 * group_rows * channels; }

  // Next group: rows [first_row(), end_row()), tiles() with rows counted from first_row(). False at the end.
  bool next();
  int64_t first_row() const { return first_; }
  int64_t end_row() const { return end_; }
  const Tile<T>* tiles() const { return tiles_; }
  int count() const { return count_; }

 private:
  void add_tile(int64_t first, int64_t rows);

  const T* x_;
  int64_t length_, channels_, offset_;
  T* edges_;
  int64_t cuts_[3];  // ends of the pieces
  int pieces_ = 0;
  int piece_ = 0;
  int64_t piece_first_ = 0;
  int64_t first_ = 0, end_ = 0;
  Tile<T> tiles_[tile_group];
  int count_ = 0;
};

}  // namespace pcd::cpu::PCD_ISA

#endif
