// SPDX-License-Identifier: Apache-2.0
//
// Cross-entropy of a logit x and a label y in {0, 1}: max(x, 0) - x·y + log(1 + exp(-|x|)); derivative
// sigmoid(x) - y.
#include "reference/classifier.h"

#include <algorithm>
#include <cmath>

#include "reference/layers.h"

namespace pcd::reference {
namespace {

bool labelled(const std::vector<uint64_t>& masks, int64_t words, int64_t row, int64_t label) {
  return (masks[row * words + label / 64] >> (label % 64) & 1) != 0;
}

}  // namespace

template <typename T>
std::vector<T> classifier_logits(const ClassifierShape& shape, const std::vector<T>& h,
                                 const std::vector<T>& parameters) {
  const auto [B, C, K] = shape;
  std::vector<T> logits(B * K);
  for (int64_t b = 0; b < B; ++b) {
    affine(h.data() + b * C, parameters.data(), parameters.data() + K * C, C, K, logits.data() + b * K);
  }
  return logits;
}

template <typename T>
T classifier_loss(const ClassifierShape& shape, const std::vector<T>& logits,
                  const std::vector<uint64_t>& masks, int64_t words) {
  T sum = 0;
  for (int64_t b = 0; b < shape.batch; ++b) {
    for (int64_t k = 0; k < shape.labels; ++k) {
      const T x = logits[b * shape.labels + k];
      const T y = labelled(masks, words, b, k) ? T(1) : T(0);
      sum += std::max(x, T(0)) - x * y + std::log1p(std::exp(-std::abs(x)));
    }
  }
  return sum / T(shape.batch * shape.labels);
}

template <typename T>
ClassifierGradients<T> classifier_backward(const ClassifierShape& shape, const std::vector<T>& h,
                                           const std::vector<T>& parameters, const std::vector<T>& logits,
                                           const std::vector<uint64_t>& masks, int64_t words, T scale) {
  const auto [B, C, K] = shape;
  ClassifierGradients<T> gradients{std::vector<T>(h.size(), T(0)), std::vector<T>(parameters.size(), T(0))};
  std::vector<T> logit_grad(K);
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t k = 0; k < K; ++k) {
      const T sigmoid = T(1) / (T(1) + std::exp(-logits[b * K + k]));
      logit_grad[k] = scale * (sigmoid - (labelled(masks, words, b, k) ? T(1) : T(0))) / T(B * K);
    }
    affine_backward(h.data() + b * C, parameters.data(), logit_grad.data(), C, K, gradients.h.data() + b * C,
                    gradients.parameters.data(), gradients.parameters.data() + K * C);
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                \
  template std::vector<T> classifier_logits(const ClassifierShape&, const std::vector<T>&,                \
                                            const std::vector<T>&);                                       \
  template T classifier_loss(const ClassifierShape&, const std::vector<T>&, const std::vector<uint64_t>&, \
                             int64_t);                                                                    \
  template ClassifierGradients<T> classifier_backward(const ClassifierShape&, const std::vector<T>&,      \
                                                      const std::vector<T>&, const std::vector<T>&,       \
                                                      const std::vector<uint64_t>&, int64_t, T);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
