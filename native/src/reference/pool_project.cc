// SPDX-License-Identifier: Apache-2.0
//
// With n = max(|p|, 1e-12) and z = p/n: dp = (dz - z·(z·dz)) / n where |p| exceeds the floor, else dz / n.
#include "reference/pool_project.h"

#include <algorithm>

#include "reference/layers.h"

namespace pcd::reference {
namespace {

template <typename P>
struct Parameters {
  P *norm_weight, *norm_bias, *first_weight, *first_bias, *second_weight, *second_bias;

  Parameters(P* base, const PoolProjectShape& s)
      : norm_weight(base),
        norm_bias(norm_weight + s.channels),
        first_weight(norm_bias + s.channels),
        first_bias(first_weight + s.channels * s.channels),
        second_weight(first_bias + s.channels),
        second_bias(second_weight + s.embedding * s.channels) {}
};

template <typename T>
constexpr T kFloor = T(1e-12);

// What one sample's forward computes between x and z.
template <typename T>
struct Sample {
  std::vector<T> h, first, hidden, p;
  T norm;

  Sample(const PoolProjectShape& s, const T* x, const Parameters<const T>& w)
      : h(s.channels, T(0)), first(s.channels), hidden(s.channels), p(s.embedding), norm(0) {
    std::vector<T> row(s.channels);
    for (int64_t t = 0; t < s.length; ++t) {
      LayerNorm<T>::forward(x + t * s.channels, w.norm_weight, w.norm_bias, s.channels, row.data());
      for (int64_t c = 0; c < s.channels; ++c) h[c] += row[c];
    }
    for (T& value : h) value /= T(s.length);
    affine(h.data(), w.first_weight, w.first_bias, s.channels, s.channels, first.data());
    for (int64_t c = 0; c < s.channels; ++c) hidden[c] = gelu(first[c]);
    affine(hidden.data(), w.second_weight, w.second_bias, s.channels, s.embedding, p.data());
    for (T value : p) norm += value * value;
    norm = std::sqrt(norm);
  }
};

}  // namespace

template <typename T>
PoolProjectOutput<T> pool_project_forward(const PoolProjectShape& s, const std::vector<T>& input,
                                          const std::vector<T>& parameters) {
  const Parameters<const T> w(parameters.data(), s);
  PoolProjectOutput<T> output;
  for (int64_t b = 0; b < s.batch; ++b) {
    const Sample<T> sample(s, input.data() + b * s.length * s.channels, w);
    output.h.insert(output.h.end(), sample.h.begin(), sample.h.end());
    for (T value : sample.p) output.z.push_back(value / std::max(sample.norm, kFloor<T>));
  }
  return output;
}

template <typename T>
PoolProjectGradients<T> pool_project_backward(const PoolProjectShape& s, const std::vector<T>& input,
                                              const std::vector<T>& parameters, const std::vector<T>& h_grad,
                                              const std::vector<T>& z_grad) {
  const int64_t L = s.length, C = s.channels, D = s.embedding;
  const Parameters<const T> w(parameters.data(), s);
  PoolProjectGradients<T> gradients{std::vector<T>(input.size()), std::vector<T>(parameters.size(), T(0))};
  const Parameters<T> grad(gradients.parameters.data(), s);
  for (int64_t b = 0; b < s.batch; ++b) {
    const T* x = input.data() + b * L * C;
    std::vector<T> dh(C, T(0));
    if (!h_grad.empty()) dh.assign(h_grad.begin() + b * C, h_grad.begin() + (b + 1) * C);
    if (!z_grad.empty()) {
      const Sample<T> sample(s, x, w);
      const T* dz = z_grad.data() + b * D;
      const T norm = std::max(sample.norm, kFloor<T>);
      T along = 0;  // z·dz, the part the normalisation removes
      if (sample.norm > kFloor<T>) {
        for (int64_t d = 0; d < D; ++d) along += sample.p[d] / norm * dz[d];
      }
      std::vector<T> dp(D), hidden_grad(C, T(0));
      for (int64_t d = 0; d < D; ++d) dp[d] = (dz[d] - sample.p[d] / norm * along) / norm;
      affine_backward(sample.hidden.data(), w.second_weight, dp.data(), C, D, hidden_grad.data(),
                      grad.second_weight, grad.second_bias);
      for (int64_t c = 0; c < C; ++c) hidden_grad[c] *= gelu_derivative(sample.first[c]);
      affine_backward(sample.h.data(), w.first_weight, hidden_grad.data(), C, C, dh.data(), grad.first_weight,
                      grad.first_bias);
    }
    for (T& value : dh) value /= T(L);
    for (int64_t t = 0; t < L; ++t) {
      LayerNorm<T>::backward(x + t * C, w.norm_weight, dh.data(), C, gradients.input.data() + (b * L + t) * C,
                             grad.norm_weight, grad.norm_bias);
    }
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                               \
  template PoolProjectOutput<T> pool_project_forward(const PoolProjectShape&, const std::vector<T>&,     \
                                                     const std::vector<T>&);                             \
  template PoolProjectGradients<T> pool_project_backward(const PoolProjectShape&, const std::vector<T>&, \
                                                         const std::vector<T>&, const std::vector<T>&,   \
                                                         const std::vector<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
