// SPDX-License-Identifier: Apache-2.0
//
// y[b,t,c] = bias[c] + Σ_{k=0..6} Σ_n weight[c,n,k] · x[b,t+k-3,n], zero outside the window.
#include "reference/stem.h"

namespace pcd::reference {

template <typename T>
std::vector<T> stem_forward(const StemShape& shape, const std::vector<T>& input,
                            const std::vector<T>& parameters) {
  const auto [B, L, N, C] = shape;
  const T* weight = parameters.data();
  const T* bias = weight + shape.weights();
  std::vector<T> output(B * L * C);
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t c = 0; c < C; ++c) {
        T sum = bias[c];
        for (int64_t k = 0; k < 7; ++k) {
          const int64_t source = t + k - 3;
          if (source < 0 || source >= L) continue;
          for (int64_t n = 0; n < N; ++n)
            sum += weight[(c * N + n) * 7 + k] * input[(b * L + source) * N + n];
        }
        output[(b * L + t) * C + c] = sum;
      }
    }
  }
  return output;
}

template <typename T>
std::vector<T> stem_backward(const StemShape& shape, const std::vector<T>& input,
                             const std::vector<T>& output_grad) {
  const auto [B, L, N, C] = shape;
  std::vector<T> gradient(shape.parameters(), T(0));
  T* weight = gradient.data();
  T* bias = weight + shape.weights();
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t c = 0; c < C; ++c) {
        const T g = output_grad[(b * L + t) * C + c];
        bias[c] += g;
        for (int64_t k = 0; k < 7; ++k) {
          const int64_t source = t + k - 3;
          if (source < 0 || source >= L) continue;
          for (int64_t n = 0; n < N; ++n) weight[(c * N + n) * 7 + k] += g * input[(b * L + source) * N + n];
        }
      }
    }
  }
  return gradient;
}

#define PCD_INSTANTIATE(T)                                                                              \
  template std::vector<T> stem_forward(const StemShape&, const std::vector<T>&, const std::vector<T>&); \
  template std::vector<T> stem_backward(const StemShape&, const std::vector<T>&, const std::vector<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
