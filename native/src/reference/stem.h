// SPDX-License-Identifier: Apache-2.0
//
// Reference of the stem: a convolution of 7 taps from leads to channels, zero padding that keeps the length.
#ifndef PCD_REFERENCE_STEM_H
#define PCD_REFERENCE_STEM_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct StemShape {
  int64_t batch, length, leads, channels;

  int64_t weights() const { return channels * leads * 7; }
  int64_t parameters() const { return weights() + channels; }
};

// input [B, L, n], parameters weight [C, n, 7] then bias [C] -> output [B, L, C]
template <typename T>
std::vector<T> stem_forward(const StemShape& shape, const std::vector<T>& input,
                            const std::vector<T>& parameters);

// Gradient of the parameters. The input is a recording and has none.
template <typename T>
std::vector<T> stem_backward(const StemShape& shape, const std::vector<T>& input,
                             const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
