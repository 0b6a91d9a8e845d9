// SPDX-License-Identifier: Apache-2.0
//
// step_begin and metrics: the first and the last node of a training step, one thread each.
#ifndef PCD_KERNELS_STEP_STATE_CUH
#define PCD_KERNELS_STEP_STATE_CUH

#include "common/device.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::step {

// From `from` to `to` along half a cosine, x in [0, 1].
PCD_DEVICE double anneal(double from, double to, double x) { return to + 0.5 * (from - to) * (1.0 + cospi(x)); }

PCD_DEVICE double progress(int64_t step, int64_t begin, int64_t end) {
  if (step <= begin) return 0.0;
  return step >= end ? 1.0 : static_cast<double>(step - begin) / static_cast<double>(end - begin);
}

struct Schedule {
  int32_t kind;
  double peak, final_rate;
  int64_t warmup, total;
};

PCD_DEVICE double scheduled_rate(const Schedule& s, int64_t step) {
  switch (s.kind) {
    case PCD_SCHEDULE_ONE_CYCLE:
      return step < s.warmup ? anneal(s.peak / 25, s.peak, progress(step, 1, s.warmup))
                              : anneal(s.peak, s.peak / 25e4, progress(step, s.warmup > 1 ? s.warmup : 1, s.total));
    case PCD_SCHEDULE_COSINE: return anneal(s.peak, s.final_rate, progress(step, s.warmup, s.total));
    default: return s.peak;
  }
}

PCD_KERNEL void step_begin(pcd_step_state* state, Schedule schedule, int64_t batch, double beta1, double beta2) {
  state->step += 1;
  state->cursor += static_cast<uint64_t>(batch);
  state->beta1_power *= beta1;
  state->beta2_power *= beta2;
  state->rate = static_cast<float>(state->rate_scale * scheduled_rate(schedule, static_cast<int64_t>(state->step)));
}

// Absent losses are null.
PCD_KERNEL void metrics(const pcd_step_state* state, const float* reconstruction, const float* contrastive,
                        const float* classifier, pcd_metrics_row* ring, uint64_t capacity) {
  pcd_metrics_row row{};
  row.step = state->step;
  row.rate = state->rate;
  row.gradient_norm = state->gradient_norm;
  row.anchors = state->anchors;
  row.non_finite = state->non_finite;
  if (reconstruction != nullptr) {
    row.reconstruction = reconstruction[0];
    row.mse = reconstruction[1];
    row.l1 = reconstruction[2];
    row.loss += state->weight_reconstruction * reconstruction[0];
  }
  if (contrastive != nullptr) {
    row.contrastive = contrastive[2] > 0 ? contrastive[1] / contrastive[2] : 0;
    row.loss += state->weight_contrastive * row.contrastive;
  }
  if (classifier != nullptr) {
    row.classifier = classifier[0];
    row.loss += state->weight_classifier * classifier[0];
  }
  ring[(state->step - 1) % capacity] = row;
}

}  // namespace pcd::kernels::step

#endif
