// SPDX-License-Identifier: Apache-2.0
//
// Reference of the classifier: logits = W·h + b; loss = mean over batch and labels of the sigmoid
// cross-entropy.
#ifndef PCD_REFERENCE_CLASSIFIER_H
#define PCD_REFERENCE_CLASSIFIER_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct ClassifierShape {
  int64_t batch, channels, labels;

  // weight [K, C], bias [K]
  int64_t parameters() const { return labels * channels + labels; }
};

// [B, K]
template <typename T>
std::vector<T> classifier_logits(const ClassifierShape& shape, const std::vector<T>& h,
                                 const std::vector<T>& parameters);

// masks [B, words]: bit k of a row is label k
template <typename T>
T classifier_loss(const ClassifierShape& shape, const std::vector<T>& logits,
                  const std::vector<uint64_t>& masks, int64_t words);

template <typename T>
struct ClassifierGradients {
  std::vector<T> h;
  std::vector<T> parameters;
};

// Gradients of scale · loss.
template <typename T>
ClassifierGradients<T> classifier_backward(const ClassifierShape& shape, const std::vector<T>& h,
                                           const std::vector<T>& parameters, const std::vector<T>& logits,
                                           const std::vector<uint64_t>& masks, int64_t words, T scale);

}  // namespace pcd::reference

#endif
