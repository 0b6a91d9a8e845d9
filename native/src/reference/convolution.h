// SPDX-License-Identifier: Apache-2.0
//
// convolution over time with any taps and stride, and its transpose.
#ifndef PCD_REFERENCE_CONVOLUTION_H
#define PCD_REFERENCE_CONVOLUTION_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct ConvolutionShape {
  int64_t batch, length, made, inputs, outputs;  // B, L, M, I, O
  int64_t taps, stride, padding;
  bool transposed;
  int64_t parameters() const { return outputs * inputs * taps + outputs; }
};

// An empty addend counts as 0.
template <typename T>
std::vector<T> convolution_forward(const ConvolutionShape& shape, const std::vector<T>& input,
                                   const std::vector<T>& parameters, const std::vector<T>& addend);

template <typename T>
struct ConvolutionGradients {
  std::vector<T> input, parameters;
};

template <typename T>
ConvolutionGradients<T> convolution_backward(const ConvolutionShape& shape, const std::vector<T>& input,
                                             const std::vector<T>& parameters,
                                             const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
