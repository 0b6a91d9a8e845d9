// SPDX-License-Identifier: Apache-2.0
//
// classifier, host side.
#include <algorithm>

#include "classifier/classifier.cuh"
#include "cuda/linear.h"
#include "cuda/ops.h"

namespace pcd::cuda {

namespace {

Linear layer(const pcd_classifier_desc& d) { return {d.h.shape[0], d.logits.shape[1], d.h.shape[1]}; }

}  // namespace

// Forward's losses of the windows; backward's gradients of the logits and what the gradient of the weights needs.
uint64_t classifier_workspace(const cudaDeviceProp&, const pcd_classifier_desc& d) {
  const uint64_t losses = static_cast<uint64_t>(d.logits.shape[0]) * sizeof(double);
  const int64_t backward = d.logits.shape[0] * d.logits.shape[1] + weight_partials(layer(d));
  return std::max<uint64_t>(losses, static_cast<uint64_t>(backward) * sizeof(float));
}

int32_t classifier_forward(const Queue& queue, const pcd_classifier_desc& d) {
  using namespace kernels::classifier;
  const int64_t batch = d.h.shape[0], c = d.h.shape[1], labels = d.logits.shape[1];
  const float* weight = data<const float>(d.parameters);
  float* logits = data<float>(d.logits);
  linear_forward(queue, layer(d), data<const float>(d.h), weight, weight + labels * c, logits);
  if (present(d.loss)) {
    double* partial = data<double>(d.workspace);
    PCD_LAUNCH(window_losses, static_cast<unsigned>(batch), kThreads, 0, queue.stream, logits,
               data<const uint64_t>(d.labels), labels, d.labels.shape[1], partial);
    PCD_LAUNCH(mean_loss, 1, kThreads, 0, queue.stream, partial, batch, static_cast<double>(batch * labels),
               data<float>(d.loss));
  }
  return queue.launched("classifier_forward");
}

int32_t classifier_backward(const Queue& queue, const pcd_classifier_desc& d) {
  using namespace kernels::classifier;
  const int64_t batch = d.h.shape[0], c = d.h.shape[1], labels = d.logits.shape[1];
  float* gradient = data<float>(d.workspace);
  const float* weight = present(d.state) ? &data<const pcd_step_state>(d.state)->weight_classifier : nullptr;
  PCD_LAUNCH(logit_gradient, blocks(batch * labels, kThreads), kThreads, 0, queue.stream, data<const float>(d.logits),
             data<const uint64_t>(d.labels), batch, labels, d.labels.shape[1], weight,
             d.gradient_scale / static_cast<double>(batch * labels), gradient);
  const Linear shape = layer(d);
  if (present(d.h_grad)) {
    linear_input_grad(queue, shape, gradient, data<const float>(d.parameters),
                      (d.flags & PCD_FLAG_ACCUMULATE_INPUT) != 0, data<float>(d.h_grad));
  }
  float* parameter_grad = data<float>(d.parameter_grad);
  linear_parameter_grad(queue, shape, data<const float>(d.h), gradient, (d.flags & PCD_FLAG_ACCUMULATE) != 0,
                        gradient + batch * labels, parameter_grad, parameter_grad + labels * c);
  return queue.launched("classifier_backward");
}

}  // namespace pcd::cuda
