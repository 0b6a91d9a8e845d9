// SPDX-License-Identifier: Apache-2.0
//
// Reference of the update: global norm, clipping, AdamW (Loshchilov & Hutter 2019), moving average of the
// weights.
#ifndef PCD_REFERENCE_ADAMW_H
#define PCD_REFERENCE_ADAMW_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct AdamWOptions {
  double beta1, beta2, epsilon, weight_decay;
  double clip_norm;  // <= 0: no clipping
  double average_decay;
  double rate;
  double beta1_power, beta2_power;  // beta^step
};

template <typename T>
struct AdamWTensors {
  std::vector<T> parameters, first_moment, second_moment;
  std::vector<T> average;  // may be empty
};

// |gradient|
template <typename T>
T gradient_norm(const std::vector<T>& gradients);

// One update; decay[s] applies to elements [segments[s], segments[s+1]). Does nothing and returns false when
// the norm is not finite.
template <typename T>
bool adamw(const AdamWOptions& options, const std::vector<T>& gradients, const std::vector<int64_t>& segments,
           const std::vector<float>& decay, AdamWTensors<T>& tensors);

}  // namespace pcd::reference

#endif
