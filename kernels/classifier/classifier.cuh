// SPDX-License-Identifier: Apache-2.0
//
// classifier: sigmoid cross-entropy of logits [B, K] with label bits, and its gradient.
#ifndef PCD_KERNELS_CLASSIFIER_CUH
#define PCD_KERNELS_CLASSIFIER_CUH

#include "common/device.cuh"

namespace pcd::kernels::classifier {

constexpr int kThreads = 256;

PCD_DEVICE float label(const uint64_t* mask, int64_t words, int64_t k) {
  const int64_t word = k >> 6;
  return word < words && ((mask[word] >> (k & 63)) & 1u) != 0 ? 1.0f : 0.0f;
}

// A block a window: its sum of losses.
PCD_KERNEL void window_losses(const float* logits, const uint64_t* labels, int64_t count, int64_t words,
                              double* partial) {
  __shared__ double shared[32];
  const uint64_t* mask = labels + blockIdx.x * words;
  double sum = 0;
  for (int64_t k = threadIdx.x; k < count; k += kThreads) {
    const float v = logits[blockIdx.x * count + k];
    sum += static_cast<double>(fmaxf(v, 0.0f) - v * label(mask, words, k) + log1pf(expf(-fabsf(v))));
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

PCD_KERNEL void mean_loss(const double* partial, int64_t batch, double count, float* loss) {
  __shared__ double shared[32];
  double sum = 0;
  for (int64_t b = threadIdx.x; b < batch; b += kThreads) sum += partial[b];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) *loss = static_cast<float>(sum / count);
}

// `weight` null: 1.
PCD_KERNEL void logit_gradient(const float* logits, const uint64_t* labels, int64_t batch, int64_t count,
                               int64_t words, const float* weight, double scale, float* gradient) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= batch * count) return;
  const float factor = static_cast<float>(scale * (weight == nullptr ? 1.0 : static_cast<double>(*weight)));
  const float probability = 1.0f / (1.0f + expf(-logits[i]));
  gradient[i] = factor * (probability - label(labels + i / count * words, words, i % count));
}

}  // namespace pcd::kernels::classifier

#endif
