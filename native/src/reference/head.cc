// SPDX-License-Identifier: Apache-2.0
//
// The anchor only adds to the output, so no gradient passes through it.
#include "reference/head.h"

#include "reference/layers.h"

namespace pcd::reference {

template <typename T>
std::vector<T> head_forward(const HeadShape& s, const std::vector<T>& input, const std::vector<T>& signal,
                            const std::vector<T>& parameters, const std::vector<T>& anchor) {
  const int64_t C = s.channels, K = s.targets, N = s.leads;
  const T* weight = parameters.data() + 2 * C;
  const T* bias = weight + K * C;
  std::vector<T> output(s.batch * s.length * K), normal(C), baseline(K);
  for (int64_t row = 0; row < s.batch * s.length; ++row) {
    LayerNorm<T>::forward(input.data() + row * C, parameters.data(), parameters.data() + C, C, normal.data());
    affine(normal.data(), weight, bias, C, K, output.data() + row * K);
    if (anchor.empty()) continue;
    affine(signal.data() + row * N, anchor.data(), anchor.data() + K * N, N, K, baseline.data());
    for (int64_t k = 0; k < K; ++k) output[row * K + k] += baseline[k];
  }
  return output;
}

template <typename T>
HeadGradients<T> head_backward(const HeadShape& s, const std::vector<T>& input,
                               const std::vector<T>& parameters, const std::vector<T>& output_grad) {
  const int64_t C = s.channels, K = s.targets;
  HeadGradients<T> gradients{std::vector<T>(input.size()), std::vector<T>(parameters.size(), T(0))};
  T* grad = gradients.parameters.data();
  std::vector<T> normal(C), normal_grad(C);
  for (int64_t row = 0; row < s.batch * s.length; ++row) {
    const T* x = input.data() + row * C;
    LayerNorm<T>::forward(x, parameters.data(), parameters.data() + C, C, normal.data());
    normal_grad.assign(C, T(0));
    affine_backward(normal.data(), parameters.data() + 2 * C, output_grad.data() + row * K, C, K,
                    normal_grad.data(), grad + 2 * C, grad + 2 * C + K * C);
    LayerNorm<T>::backward(x, parameters.data(), normal_grad.data(), C, gradients.input.data() + row * C,
                           grad, grad + C);
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                \
  template std::vector<T> head_forward(const HeadShape&, const std::vector<T>&, const std::vector<T>&,    \
                                       const std::vector<T>&, const std::vector<T>&);                     \
  template HeadGradients<T> head_backward(const HeadShape&, const std::vector<T>&, const std::vector<T>&, \
                                          const std::vector<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
