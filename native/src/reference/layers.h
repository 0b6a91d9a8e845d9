// SPDX-License-Identifier: Apache-2.0
//
// Pieces that several reference ops share: layer normalisation over channels (Ba et al. 2016), the tanh form
// of GELU (Hendrycks & Gimpel 2016) and the affine map, forward and backward, one row at a time.
//
// The reference is the judge: plain loops over the formulas of docs/model.md, in the type T. T = double gives
// the value every backend is held against, T = float the error that naive single precision makes.
#ifndef PCD_REFERENCE_LAYERS_H
#define PCD_REFERENCE_LAYERS_H

#include <cmath>
#include <cstdint>
#include <vector>

namespace pcd::reference {

// y = weight · (x - mean) / sqrt(variance + 1e-5) + bias over `n` channels, biased variance.
template <typename T>
struct LayerNorm {
  static constexpr T epsilon = T(1e-5);

  static void moments(const T* x, int64_t n, T* mean, T* reciprocal) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i];
    *mean = sum / T(n);
    T square = 0;
    for (int64_t i = 0; i < n; ++i) square += (x[i] - *mean) * (x[i] - *mean);
    *reciprocal = T(1) / std::sqrt(square / T(n) + epsilon);
  }

  static void forward(const T* x, const T* weight, const T* bias, int64_t n, T* y) {
    T mean, reciprocal;
    moments(x, n, &mean, &reciprocal);
    for (int64_t i = 0; i < n; ++i) y[i] = weight[i] * ((x[i] - mean) * reciprocal) + bias[i];
  }

  // x_grad is written; weight_grad and bias_grad are added to.
  static void backward(const T* x, const T* weight, const T* y_grad, int64_t n, T* x_grad, T* weight_grad,
                       T* bias_grad) {
    T mean, reciprocal;
    moments(x, n, &mean, &reciprocal);
    T mean_g = 0, mean_gx = 0;  // means of g = weight · y_grad and of g · x̂
    for (int64_t i = 0; i < n; ++i) {
      const T normal = (x[i] - mean) * reciprocal;
      weight_grad[i] += y_grad[i] * normal;
      bias_grad[i] += y_grad[i];
      mean_g += weight[i] * y_grad[i];
      mean_gx += weight[i] * y_grad[i] * normal;
    }
    mean_g /= T(n);
    mean_gx /= T(n);
    for (int64_t i = 0; i < n; ++i) {
      const T normal = (x[i] - mean) * reciprocal;
      x_grad[i] = reciprocal * (weight[i] * y_grad[i] - mean_g - normal * mean_gx);
    }
  }
};

template <typename T>
T gelu(T v) {
  const T scale = T(0.79788456080286535588);  // sqrt(2/π)
  return T(0.5) * v * (T(1) + std::tanh(scale * (v + T(0.044715) * v * v * v)));
}

template <typename T>
T gelu_derivative(T v) {
  const T scale = T(0.79788456080286535588);
  const T t = std::tanh(scale * (v + T(0.044715) * v * v * v));
  return T(0.5) * (T(1) + t) + T(0.5) * v * (T(1) - t * t) * scale * (T(1) + T(3) * T(0.044715) * v * v);
}

// y[o] = bias[o] + Σ_i weight[o,i] · x[i]
template <typename T>
void affine(const T* x, const T* weight, const T* bias, int64_t inputs, int64_t outputs, T* y) {
  for (int64_t o = 0; o < outputs; ++o) {
    T sum = bias[o];
    for (int64_t i = 0; i < inputs; ++i) sum += weight[o * inputs + i] * x[i];
    y[o] = sum;
  }
}

// Adds to all three gradients.
template <typename T>
void affine_backward(const T* x, const T* weight, const T* y_grad, int64_t inputs, int64_t outputs, T* x_grad,
                     T* weight_grad, T* bias_grad) {
  for (int64_t o = 0; o < outputs; ++o) {
    bias_grad[o] += y_grad[o];
    for (int64_t i = 0; i < inputs; ++i) {
      weight_grad[o * inputs + i] += y_grad[o] * x[i];
      x_grad[i] += y_grad[o] * weight[o * inputs + i];
    }
  }
}

}  // namespace pcd::reference

#endif
