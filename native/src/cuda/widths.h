// SPDX-License-Identifier: Apache-2.0
//
// The widths that kernels by rows are compiled for (common/row_slices.cuh): those of the networks' sizes.
#ifndef PCD_CUDA_WIDTHS_H
#define PCD_CUDA_WIDTHS_H

#include <cstdint>
#include <type_traits>

namespace pcd::cuda {

inline bool by_rows(int64_t c) { return c == 64 || c == 128 || c == 256; }

// Calls with such a width as a constant.
template <typename Call>
void with_width(int64_t c, const Call& call) {
  if (c == 64) call(std::integral_constant<int, 64>());
  if (c == 128) call(std::integral_constant<int, 128>());
  if (c == 256) call(std::integral_constant<int, 256>());
}

}  // namespace pcd::cuda

#endif
