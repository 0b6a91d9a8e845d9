// SPDX-License-Identifier: Apache-2.0
//
// Cuts a window's rows into tiles and finds, for each tile and tap, the rows it reads.
#include "cpu/dilated_conv.h"

#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {

template <class T>
DilatedConv<T>::DilatedConv(const T* x, int64_t length, int64_t channels, int64_t offset, T* edges)
    : x_(x), length_(length), channels_(channels), offset_(offset), edges_(edges) {
  const int64_t dilation = offset < 0 ? -offset : offset;
  if (dilation < length) {
    const int64_t low = least(dilation, length - dilation);
    const int64_t high = length - low;
    if (2 * low >= tile_rows && (high == low || 2 * (high - low) >= tile_rows)) {
      cuts_[pieces_++] = low;
      if (high != low) cuts_[pieces_++] = high;
    }
  }
  cuts_[pieces_++] = length;
}

template <class T>
bool DilatedConv<T>::next() {
  first_ = end_;
  count_ = 0;
  while (count_ < tile_group && end_ < length_) {
    // The rest of the piece in tiles of nearly equal height.
    const int64_t left = cuts_[piece_] - end_;
    const int64_t tiles = (left + tile_rows - 1) / tile_rows;
    add_tile(end_, (left + tiles - 1) / tiles);
    if (end_ == cuts_[piece_]) ++piece_;
  }
  return count_ != 0;
}

template <class T>
void DilatedConv<T>::add_tile(int64_t first, int64_t rows) {
  Tile<T>& tile = tiles_[count_];
  tile.count = 0;
  tile.rows = static_cast<int>(rows);
  tile.row = first - first_;
  for (int64_t tap = 0; tap < 3; ++tap) {
    const int64_t from = first + (1 - tap) * offset_;
    const int64_t below = least(rows, greatest(0, -from));                  // rows before the window
    const int64_t above = least(rows, greatest(0, from + rows - length_));  // rows behind it
    if (below == rows || above == rows) continue;
    const T* a = x_ + from * channels_;
    if (below + above != 0) {
      // At most two taps of a tile straddle an end: the middle one never does.
      T* edge = edges_ + ((tap == 0 ? 0 : tile_group) + count_) * tile_rows * channels_;
      const int64_t inside = rows - below - above;
      fill_row(edge, below * channels_, T());
      copy_row(x_ + (from + below) * channels_, inside * channels_, edge + below * channels_);
      fill_row(edge + (below + inside) * channels_, above * channels_, T());
      a = edge;
    }
    tile.terms[tile.count++] = {a, channels_, channels_, tap * channels_};
  }
  ++count_;
  end_ = first + rows;
}

template class DilatedConv<float>;
template class DilatedConv<int16_t>;

}  // namespace pcd::cpu::PCD_ISA
