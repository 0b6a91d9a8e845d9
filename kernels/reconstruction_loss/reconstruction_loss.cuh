// SPDX-License-Identifier: Apache-2.0
//
// reconstruction_loss: a block a window for sums, gradient and moments, then one block that adds the windows' sums in
// order. Bytes a sample and target: 8 read, 4 written (gradient).
#ifndef PCD_KERNELS_RECONSTRUCTION_LOSS_CUH
#define PCD_KERNELS_RECONSTRUCTION_LOSS_CUH

#include "common/device.cuh"

namespace pcd::kernels::loss {

constexpr int kMoments = 7;
constexpr int kThreads = 256;

// partial [B, 2]: Σe², Σ|e|; gradient and partial may be null. `weight` null: 1.
PCD_KERNEL void window_sums(const float* prediction, const float* target, int64_t n, const float* weight,
                            double square_slope, double sign_slope, double* partial, float* gradient) {
  __shared__ double shared[2][32];
  const float* p = prediction + blockIdx.x * n;
  const float* y = target + blockIdx.x * n;
  const double factor = weight == nullptr ? 1.0 : static_cast<double>(*weight);
  const float square = static_cast<float>(square_slope * factor), sign = static_cast<float>(sign_slope * factor);
  double squares = 0, absolutes = 0;
  for (int64_t i = threadIdx.x; i < n; i += kThreads) {
    const float e = p[i] - y[i];
    const double exact = static_cast<double>(p[i]) - static_cast<double>(y[i]);
    squares += exact * exact;
    absolutes += fabs(exact);
    if (gradient != nullptr) {
      gradient[blockIdx.x * n + i] = square * e + (e > 0.0f ? sign : (e < 0.0f ? -sign : 0.0f));
    }
  }
  if (partial == nullptr) return;
  squares = block_sum(squares, shared[0]);
  absolutes = block_sum(absolutes, shared[1]);
  if (threadIdx.x == 0) {
    partial[2 * blockIdx.x] = squares;
    partial[2 * blockIdx.x + 1] = absolutes;
  }
}

// One block: loss [3] from partial [batch, 2].
PCD_KERNEL void total(const double* partial, int64_t batch, double count, double mse_weight, double l1_weight,
                      float* loss) {
  __shared__ double shared[2][32];
  double squares = 0, absolutes = 0;
  for (int64_t b = threadIdx.x; b < batch; b += kThreads) {
    squares += partial[2 * b];
    absolutes += partial[2 * b + 1];
  }
  squares = block_sum(squares, shared[0]);
  absolutes = block_sum(absolutes, shared[1]);
  if (threadIdx.x == 0) {
    loss[0] = static_cast<float>((mse_weight * squares + l1_weight * absolutes) / count);
    loss[1] = static_cast<float>(squares / count);
    loss[2] = static_cast<float>(absolutes / count);
  }
}

// moments [B, T, 7], a block a window and lead.
PCD_KERNEL void moments(const float* prediction, const float* target, int64_t length, int64_t leads, double* out) {
  __shared__ double shared[kMoments][32];
  const int64_t window = blockIdx.x / leads, lead = blockIdx.x % leads;
  double sum[kMoments] = {};
  for (int64_t t = threadIdx.x; t < length; t += kThreads) {
    const int64_t at = (window * length + t) * leads + lead;
    const double p = prediction[at], y = target[at], e = p - y;
    sum[0] += e * e;
    sum[1] += fabs(e);
    sum[2] += y;
    sum[3] += y * y;
    sum[4] += p;
    sum[5] += p * p;
    sum[6] += y * p;
  }
  for (int k = 0; k < kMoments; ++k) {
    const double value = block_sum(sum[k], shared[k]);
    if (threadIdx.x == 0) out[static_cast<int64_t>(blockIdx.x) * kMoments + k] = value;
  }
}

}  // namespace pcd::kernels::loss

#endif
