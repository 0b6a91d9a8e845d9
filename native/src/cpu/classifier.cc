// SPDX-License-Identifier: Apache-2.0
//
// classifier: logits = W·h + b, sigmoid cross-entropy with label bits, and its gradients.
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/linear.h"
#include "cpu/ops.h"
#include "cpu/pool.h"

namespace pcd::cpu::PCD_ISA {
namespace {

// 1 when bit k of a row's mask is set; words past the mask's end read as empty.
inline float label(const uint64_t* mask, int64_t words, int64_t k) {
  const int64_t word = k >> 6;
  return word < words && ((mask[word] >> (k & 63)) & 1u) != 0 ? 1.0f : 0.0f;
}

}  // namespace

// Backward's gradients of the logits; forward's loss of each window.
uint64_t classifier_workspace(const Pool&, const pcd_classifier_desc& d) {
  return static_cast<uint64_t>(d.logits.shape[0]) *
         (static_cast<uint64_t>(d.logits.shape[1]) * sizeof(float) + sizeof(double));
}

int32_t classifier_forward(Pool& pool, const pcd_classifier_desc& d) {
  const int64_t batch = d.h.shape[0], c = d.h.shape[1], labels = d.logits.shape[1];
  const float* weight = data<const float>(d.parameters);
  float* logits = data<float>(d.logits);
  linear_forward(pool, {batch, labels, c}, data<const float>(d.h), weight, weight + labels * c, logits);
  if (!present(d.loss)) return PCD_OK;
  const int64_t words = d.labels.shape[1];
  double* partial = data<double>(d.workspace);
  pool.run(batch, [&](int64_t b) {
    const uint64_t* mask = data<const uint64_t>(d.labels) + b * words;
    double sum = 0;
    for (int64_t k = 0; k < labels; ++k) {
      const float v = logits[b * labels + k];
      sum += std::fmax(v, 0.0f) - v * label(mask, words, k) + std::log1p(std::exp(-std::fabs(v)));
    }
    partial[b] = sum;
  });
  double sum = 0;
  for (int64_t b = 0; b < batch; ++b) sum += partial[b];
  *data<float>(d.loss) = static_cast<float>(sum / static_cast<double>(batch * labels));
  return PCD_OK;
}

int32_t classifier_backward(Pool& pool, const pcd_classifier_desc& d) {
  const int64_t batch = d.h.shape[0], c = d.h.shape[1], labels = d.logits.shape[1], words = d.labels.shape[1];
  const float* logits = data<const float>(d.logits);
  float* grad = data<float>(d.workspace);
  const float weight = present(d.state) ? data<const pcd_step_state>(d.state)->weight_classifier : 1.0f;
  const float scale = static_cast<float>(double{weight} * d.gradient_scale / static_cast<double>(batch * labels));
  pool.run(batch, [&](int64_t b) {
    const uint64_t* mask = data<const uint64_t>(d.labels) + b * words;
    for (int64_t k = 0; k < labels; ++k) {
      const float probability = 1.0f / (1.0f + std::exp(-logits[b * labels + k]));
      grad[b * labels + k] = scale * (probability - label(mask, words, k));
    }
  });
  const Linear shape{batch, labels, c};
  if (present(d.h_grad)) {
    linear_input_grad(pool, shape, grad, data<const float>(d.parameters), (d.flags & PCD_FLAG_ACCUMULATE_INPUT) != 0,
                      data<float>(d.h_grad));
  }
  float* parameter_grad = data<float>(d.parameter_grad);
  linear_parameter_grad(pool, shape, data<const float>(d.h), grad, (d.flags & PCD_FLAG_ACCUMULATE) != 0,
                        parameter_grad, parameter_grad + labels * c);
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
