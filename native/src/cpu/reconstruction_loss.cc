// SPDX-License-Identifier: Apache-2.0
//
// reconstruction_loss: weighted MSE and L1, their gradient, and the moments that evaluation needs. One window a task;
// per-window sums in double are added in window order.
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/ops.h"
#include "cpu/pool.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int kMoments = 7;

void moments(const float* prediction, const float* target, int64_t length, int64_t leads, double* out) {
  for (int64_t i = 0; i < leads; ++i) {
    double sum[kMoments] = {};
    for (int64_t t = 0; t < length; ++t) {
      const double p = prediction[t * leads + i], y = target[t * leads + i], e = p - y;
      sum[0] += e * e;
      sum[1] += std::fabs(e);
      sum[2] += y;
      sum[3] += y * y;
      sum[4] += p;
      sum[5] += p * p;
      sum[6] += y * p;
    }
    for (int k = 0; k < kMoments; ++k) out[i * kMoments + k] = sum[k];
  }
}

}  // namespace

uint64_t reconstruction_loss_workspace(const Pool&, const pcd_reconstruction_loss_desc& d) {
  return static_cast<uint64_t>(d.prediction.shape[0]) * 2 * sizeof(double);
}

int32_t reconstruction_loss(Pool& pool, const pcd_reconstruction_loss_desc& d) {
  const int64_t batch = d.prediction.shape[0], length = d.prediction.shape[1], leads = d.prediction.shape[2];
  const int64_t n = length * leads;
  const double count = static_cast<double>(batch * n);
  const float* prediction = data<const float>(d.prediction);
  const float* target = data<const float>(d.target);
  float* grad = data<float>(d.prediction_grad);
  double* partial = data<double>(d.workspace);
  const float weight = present(d.state) ? data<const pcd_step_state>(d.state)->weight_reconstruction : 1.0f;
  const double scale = double{weight} * d.gradient_scale / count;
  const float square_slope = static_cast<float>(2.0 * d.mse_weight * scale);
  const float sign_slope = static_cast<float>(d.l1_weight * scale);
  pool.run(batch, [&](int64_t b) {
    const float* p = prediction + b * n;
    const float* y = target + b * n;
    if (present(d.loss)) {
      double square = 0, absolute = 0;
#pragma omp simd reduction(+ : square, absolute)
      for (int64_t i = 0; i < n; ++i) {
        const double e = double{p[i]} - double{y[i]};
        square += e * e;
        absolute += std::fabs(e);
      }
      partial[2 * b] = square;
      partial[2 * b + 1] = absolute;
    }
    if (grad != nullptr) {
      float* g = grad + b * n;
      for (int64_t i = 0; i < n; ++i) {
        const float e = p[i] - y[i];
        const float sign = e > 0.0f ? sign_slope : (e < 0.0f ? -sign_slope : 0.0f);
        // A NaN has no sign of its own: it reaches the gradient through the square.
        g[i] = square_slope * e + sign;
      }
    }
    if (present(d.moments)) moments(p, y, length, leads, data<double>(d.moments) + b * leads * kMoments);
  });
  if (present(d.loss)) {
    double square = 0, absolute = 0;
    for (int64_t b = 0; b < batch; ++b) {
      square += partial[2 * b];
      absolute += partial[2 * b + 1];
    }
    float* loss = data<float>(d.loss);
    loss[0] = static_cast<float>((d.mse_weight * square + d.l1_weight * absolute) / count);
    loss[1] = static_cast<float>(square / count);
    loss[2] = static_cast<float>(absolute / count);
  }
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
