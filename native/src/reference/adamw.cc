// SPDX-License-Identifier: Apache-2.0
//
// p -= rate · (m̂/(sqrt(v̂) + eps) + weight_decay · decay · p), with the gradient scaled by min(1, clip/(norm +
// 1e-6)).
#include "reference/adamw.h"

#include <algorithm>
#include <cmath>

namespace pcd::reference {

template <typename T>
T gradient_norm(const std::vector<T>& gradients) {
  T sum = 0;
  for (T g : gradients) sum += g * g;
  return std::sqrt(sum);
}

template <typename T>
bool adamw(const AdamWOptions& options, const std::vector<T>& gradients, const std::vector<int64_t>& segments,
           const std::vector<float>& decay, AdamWTensors<T>& tensors) {
  const T norm = gradient_norm(gradients);
  if (!std::isfinite(norm)) return false;
  const T factor = options.clip_norm > 0 ? std::min(T(1), T(options.clip_norm) / (norm + T(1e-6))) : T(1);
  const T beta1 = T(options.beta1), beta2 = T(options.beta2);
  const T correction1 = T(1 - options.beta1_power), correction2 = T(1 - options.beta2_power);
  for (size_t s = 0; s + 1 < segments.size(); ++s) {
    const T weight_decay = T(options.weight_decay) * T(decay[s]);
    for (int64_t i = segments[s]; i < segments[s + 1]; ++i) {
      const T g = gradients[i] * factor;
      T &p = tensors.parameters[i], &m = tensors.first_moment[i], &v = tensors.second_moment[i];
      m = beta1 * m + (T(1) - beta1) * g;
      v = beta2 * v + (T(1) - beta2) * g * g;
      p -= T(options.rate) *
           (m / correction1 / (std::sqrt(v / correction2) + T(options.epsilon)) + weight_decay * p);
      if (!tensors.average.empty()) {
        T& average = tensors.average[i];
        average = T(options.average_decay) * average + (T(1) - T(options.average_decay)) * p;
      }
    }
  }
  return true;
}

#define PCD_INSTANTIATE(T)                                                                     \
  template T gradient_norm(const std::vector<T>&);                                             \
  template bool adamw(const AdamWOptions&, const std::vector<T>&, const std::vector<int64_t>&, \
                      const std::vector<float>&, AdamWTensors<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
