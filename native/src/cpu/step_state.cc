// SPDX-License-Identifier: Apache-2.0
//
// step_begin and metrics: the first and the last node of a training step.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/ops.h"
#include "cpu/pool.h"

namespace pcd::cpu::PCD_ISA {
namespace {

// From `from` to `to` along half a cosine, x in [0, 1].
double anneal(double from, double to, double x) {
  return to + 0.5 * (from - to) * (1.0 + std::cos(3.141592653589793 * x));
}

double progress(int64_t step, int64_t begin, int64_t end) {
  if (step <= begin) return 0.0;
  return step >= end ? 1.0 : static_cast<double>(step - begin) / static_cast<double>(end - begin);
}

double scheduled_rate(const pcd_step_begin_desc& d, int64_t step) {
  const double peak = d.peak;
  switch (d.schedule) {
    case PCD_SCHEDULE_ONE_CYCLE:
      return step < d.warmup ? anneal(peak / 25, peak, progress(step, 1, d.warmup))
                             : anneal(peak, peak / 25e4, progress(step, std::max<int64_t>(d.warmup, 1), d.total));
    case PCD_SCHEDULE_COSINE:
      return anneal(peak, d.final_rate, progress(step, d.warmup, d.total));
    default:
      return peak;
  }
}

}  // namespace

int32_t step_begin(Pool&, const pcd_step_begin_desc& d) {
  pcd_step_state& state = *data<pcd_step_state>(d.state);
  state.step += 1;
  state.cursor += static_cast<uint64_t>(d.batch);
  state.beta1_power *= d.beta1;
  state.beta2_power *= d.beta2;
  state.rate = static_cast<float>(state.rate_scale * scheduled_rate(d, static_cast<int64_t>(state.step)));
  return PCD_OK;
}

int32_t metrics(Pool&, const pcd_metrics_desc& d) {
  const pcd_step_state& state = *data<const pcd_step_state>(d.state);
  pcd_metrics_row row{};
  row.step = state.step;
  row.rate = state.rate;
  row.gradient_norm = state.gradient_norm;
  row.anchors = state.anchors;
  row.non_finite = state.non_finite;
  if (present(d.reconstruction)) {
    const float* loss = data<const float>(d.reconstruction);
    row.reconstruction = loss[0];
    row.mse = loss[1];
    row.l1 = loss[2];
    row.loss += state.weight_reconstruction * loss[0];
  }
  if (present(d.contrastive)) {
    const float* loss = data<const float>(d.contrastive);
    row.contrastive = loss[2] > 0 ? loss[1] / loss[2] : 0;
    row.loss += state.weight_contrastive * row.contrastive;
  }
  if (present(d.classifier)) {
    row.classifier = data<const float>(d.classifier)[0];
    row.loss += state.weight_classifier * row.classifier;
  }
  const uint64_t capacity = static_cast<uint64_t>(d.ring.shape[0]);
  data<pcd_metrics_row>(d.ring)[(state.step - 1) % capacity] = row;
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
