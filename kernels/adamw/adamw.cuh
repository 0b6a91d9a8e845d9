// SPDX-License-Identifier: Apache-2.0
//
// adamw: sums of squares of fixed pieces, one block that adds them in order and decides on clipping, then one pass that
// updates. Bytes a parameter: 4 (norm) + 20 read, 16 written.
#ifndef PCD_KERNELS_ADAMW_CUH
#define PCD_KERNELS_ADAMW_CUH

#include "common/device.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::adamw {

constexpr int kThreads = 256;
constexpr int64_t kPiece = 4096;  // parameters of one partial sum

// What the update needs beside the state, written by `decide`.
struct Decision {
  float clip;   // factor on gradients
  int32_t skip; // the norm was not finite
};

PCD_KERNEL void piece_squares(const float* gradients, int64_t n, double* partial) {
  __shared__ double shared[32];
  const int64_t begin = blockIdx.x * kPiece, end = begin + kPiece < n ? begin + kPiece : n;
  double sum = 0;
  for (int64_t i = begin + threadIdx.x; i < end; i += kThreads) {
    sum += static_cast<double>(gradients[i]) * static_cast<double>(gradients[i]);
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

PCD_KERNEL void decide(const double* partial, int64_t pieces, float clip_norm, pcd_step_state* state,
                       Decision* decision) {
  __shared__ double shared[32];
  double sum = 0;
  for (int64_t i = threadIdx.x; i < pieces; i += kThreads) sum += partial[i];
  sum = block_sum(sum, shared);
  if (threadIdx.x != 0) return;
  const double norm = sqrt(sum);
  state->gradient_norm = static_cast<float>(norm);
  decision->skip = !isfinite(norm);
  decision->clip = clip_norm > 0 ? static_cast<float>(fmin(1.0, clip_norm / (norm + 1e-6))) : 1.0f;
  if (decision->skip) state->non_finite += 1;
}

struct Arguments {
  float *parameters, *first, *second, *average;
  const float *gradients, *decay;
  const int64_t* bounds;
  int64_t n, segments;
  float beta1, beta2, epsilon, weight_decay, average_decay;
};

PCD_KERNEL void update(Arguments a, const pcd_step_state* state, const Decision* decision) {
  if (decision->skip) return;
  const float clip = decision->clip, rate = state->rate;
  const float correction1 = static_cast<float>(1.0 / (1.0 - state->beta1_power));
  const float correction2 = static_cast<float>(1.0 / (1.0 - state->beta2_power));
  // The segment of a block's first parameter by bisection, then forward.
  int64_t low = 0, high = a.segments;
  const int64_t first = static_cast<int64_t>(blockIdx.x) * kThreads;
  while (low + 1 < high) {
    const int64_t middle = (low + high) / 2;
    a.bounds[middle] <= first ? low = middle : high = middle;
  }
  const int64_t i = first + threadIdx.x;
  if (i >= a.n) return;
  while (a.bounds[low + 1] <= i) ++low;
  const float g = a.gradients[i] * clip;
  const float m = a.beta1 * a.first[i] + (1.0f - a.beta1) * g;
  const float v = a.beta2 * a.second[i] + (1.0f - a.beta2) * g * g;
  a.first[i] = m;
  a.second[i] = v;
  const float step = (m * correction1) / (sqrtf(v * correction2) + a.epsilon);
  const float p = a.parameters[i] * (1.0f - rate * a.weight_decay * a.decay[low]) - rate * step;
  a.parameters[i] = p;
  if (a.average != nullptr) a.average[i] = a.average_decay * a.average[i] + (1.0f - a.average_decay) * p;
}

}  // namespace pcd::kernels::adamw

#endif
