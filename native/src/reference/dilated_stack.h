// SPDX-License-Identifier: Apache-2.0
//
// Reference of the dilated stack: blocks x <- x + Pointwise(GELU(LN(DilatedConv_d(x)))), all C -> C.
#ifndef PCD_REFERENCE_DILATED_STACK_H
#define PCD_REFERENCE_DILATED_STACK_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct DilatedStackShape {
  int64_t batch, length, channels;
  std::vector<int32_t> dilations;  // one a block

  int64_t block_parameters() const { return 4 * channels * channels + 4 * channels; }
  int64_t parameters() const { return static_cast<int64_t>(dilations.size()) * block_parameters(); }
  int64_t elements() const { return batch * length * channels; }
};

// input, output [B, L, C]; parameters block after block: conv.weight [C, C, 3], conv.bias [C], norm.weight
// [C], norm.bias [C], pointwise.weight [C, C], pointwise.bias [C]
template <typename T>
std::vector<T> dilated_stack_forward(const DilatedStackShape& shape, const std::vector<T>& input,
                                     const std::vector<T>& parameters);

template <typename T>
struct DilatedStackGradients {
  std::vector<T> input;
  std::vector<T> parameters;
};

template <typename T>
DilatedStackGradients<T> dilated_stack_backward(const DilatedStackShape& shape, const std::vector<T>& input,
                                                const std::vector<T>& parameters,
                                                const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
