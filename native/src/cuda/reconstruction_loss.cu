// SPDX-License-Identifier: Apache-2.0
//
// reconstruction_loss, host side.
#include "cuda/ops.h"
#include "reconstruction_loss/reconstruction_loss.cuh"

namespace pcd::cuda {

uint64_t reconstruction_loss_workspace(const cudaDeviceProp&, const pcd_reconstruction_loss_desc& d) {
  return static_cast<uint64_t>(d.prediction.shape[0]) * 2 * sizeof(double);
}

int32_t reconstruction_loss(const Queue& queue, const pcd_reconstruction_loss_desc& d) {
  using namespace kernels::loss;
  const int64_t batch = d.prediction.shape[0], length = d.prediction.shape[1], leads = d.prediction.shape[2];
  const double count = static_cast<double>(batch * length * leads);
  const float* prediction = data<const float>(d.prediction);
  const float* target = data<const float>(d.target);
  const float* weight = present(d.state) ? &data<const pcd_step_state>(d.state)->weight_reconstruction : nullptr;
  double* partial = present(d.loss) ? data<double>(d.workspace) : nullptr;
  const double scale = d.gradient_scale / count;
  if (present(d.loss) || present(d.prediction_grad)) {
    PCD_LAUNCH(window_sums, static_cast<unsigned>(batch), kThreads, 0, queue.stream, prediction, target,
               length * leads, weight, 2.0 * d.mse_weight * scale, d.l1_weight * scale, partial,
               data<float>(d.prediction_grad));
  }
  if (present(d.loss)) {
    PCD_LAUNCH(total, 1, kThreads, 0, queue.stream, partial, batch, count, d.mse_weight, d.l1_weight,
               data<float>(d.loss));
  }
  if (present(d.moments)) {
    PCD_LAUNCH(moments, static_cast<unsigned>(batch * leads), kThreads, 0, queue.stream, prediction, target, length,
               leads, data<double>(d.moments));
  }
  return queue.launched("reconstruction_loss");
}

}  // namespace pcd::cuda
