// SPDX-License-Identifier: Apache-2.0
//
// step_begin and metrics, host side.
#include "cuda/ops.h"
#include "step_state/step_state.cuh"

namespace pcd::cuda {

int32_t step_begin(const Queue& queue, const pcd_step_begin_desc& d) {
  const kernels::step::Schedule schedule{d.schedule, d.peak, d.final_rate, d.warmup, d.total};
  PCD_LAUNCH(kernels::step::step_begin, 1, 1, 0, queue.stream, data<pcd_step_state>(d.state), schedule, d.batch,
             d.beta1, d.beta2);
  return queue.launched("step_begin");
}

int32_t metrics(const Queue& queue, const pcd_metrics_desc& d) {
  PCD_LAUNCH(kernels::step::metrics, 1, 1, 0, queue.stream, data<const pcd_step_state>(d.state),
             data<const float>(d.reconstruction), data<const float>(d.contrastive), data<const float>(d.classifier),
             data<pcd_metrics_row>(d.ring), static_cast<uint64_t>(d.ring.shape[0]));
  return queue.launched("metrics");
}

}  // namespace pcd::cuda
