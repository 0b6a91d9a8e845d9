// SPDX-License-Identifier: Apache-2.0
//
// Every pair of a sample of the input and one of the output that a tap joins, with its weight: forward and both
// gradients are sums over these pairs. In the transposed form the output is the longer signal.
#include "reference/convolution.h"

#include <cstddef>

namespace pcd::reference {
namespace {

// Calls f(index in the input, in the output, in the weight) for every product.
template <typename F>
void each_product(const ConvolutionShape& s, F&& f) {
  const int64_t longer = s.transposed ? s.made : s.length;
  const int64_t shorter = s.transposed ? s.length : s.made;
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t t = 0; t < shorter; ++t) {
      for (int64_t k = 0; k < s.taps; ++k) {
        const int64_t u = t * s.stride + k - s.padding;
        if (u < 0 || u >= longer) continue;
        const int64_t row_in = b * s.length + (s.transposed ? t : u);
        const int64_t row_out = b * s.made + (s.transposed ? u : t);
        for (int64_t o = 0; o < s.outputs; ++o) {
          for (int64_t i = 0; i < s.inputs; ++i) {
            const int64_t pair = s.transposed ? i * s.outputs + o : o * s.inputs + i;
            f(row_in * s.inputs + i, row_out * s.outputs + o, pair * s.taps + k);
          }
        }
      }
    }
  }
}

}  // namespace

template <typename T>
std::vector<T> convolution_forward(const ConvolutionShape& s, const std::vector<T>& input,
                                   const std::vector<T>& parameters, const std::vector<T>& addend) {
  const T* bias = parameters.data() + s.outputs * s.inputs * s.taps;
  std::vector<T> output(s.batch * s.made * s.outputs);
  for (std::size_t at = 0; at < output.size(); ++at) {
    output[at] = bias[at % s.outputs] + (addend.empty() ? T(0) : addend[at]);
  }
  each_product(s, [&](int64_t in, int64_t out, int64_t w) { output[out] += parameters[w] * input[in]; });
  return output;
}

template <typename T>
ConvolutionGradients<T> convolution_backward(const ConvolutionShape& s, const std::vector<T>& input,
                                             const std::vector<T>& parameters,
                                             const std::vector<T>& output_grad) {
  ConvolutionGradients<T> gradients{std::vector<T>(input.size(), T(0)), std::vector<T>(parameters.size(), T(0))};
  each_product(s, [&](int64_t in, int64_t out, int64_t w) {
    gradients.input[in] += parameters[w] * output_grad[out];
    gradients.parameters[w] += input[in] * output_grad[out];
  });
  T* bias = gradients.parameters.data() + s.outputs * s.inputs * s.taps;
  for (std::size_t at = 0; at < output_grad.size(); ++at) bias[at % s.outputs] += output_grad[at];
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                  \
  template std::vector<T> convolution_forward(const ConvolutionShape&, const std::vector<T>&,               \
                                              const std::vector<T>&, const std::vector<T>&);                \
  template ConvolutionGradients<T> convolution_backward(const ConvolutionShape&, const std::vector<T>&,     \
                                                        const std::vector<T>&, const std::vector<T>&);
PCD_INSTANTIATE(float)
PCD_INSTANTIATE(double)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
