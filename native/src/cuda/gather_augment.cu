// SPDX-License-Identifier: Apache-2.0
//
// gather_augment, host side.
#include "cuda/ops.h"
#include "gather_augment/gather_augment.cuh"

namespace pcd::cuda {

int32_t gather_augment(const Queue& queue, const pcd_gather_augment_desc& d) {
  kernels::gather::Arguments g{};
  g.state = data<const pcd_step_state>(d.state);
  g.samples = data<const int16_t>(d.samples);
  g.records = data<const int64_t>(d.records);
  g.record_labels = data<const uint64_t>(d.record_labels);
  g.index = data<const int32_t>(d.index);
  g.input_mix = data<const float>(d.input_mix);
  g.target_mix = data<const float>(d.target_mix);
  g.mean = data<const float>(d.mean);
  g.deviation = data<const float>(d.deviation);
  g.inputs = data<float>(d.inputs);
  g.targets = data<float>(d.targets);
  g.labels = data<uint64_t>(d.labels);
  g.groups = data<int32_t>(d.groups);
  g.excerpts = data<const int64_t>(d.excerpts);
  g.entries = d.index.shape[0];
  g.batch_offset = d.batch_offset;
  g.window = static_cast<int32_t>(d.inputs.shape[1]);
  g.n_inputs = static_cast<int32_t>(d.inputs.shape[2]);
  g.n_targets = present(d.targets) ? static_cast<int32_t>(d.targets.shape[2]) : 0;
  g.words = present(d.labels) ? static_cast<int32_t>(d.labels.shape[1]) : 0;
  g.view = d.view;
  g.shift = d.shift;
  g.flags = d.flags;
  g.gain_sd = d.gain_sd;
  g.stretch_probability = d.stretch_probability;
  g.stretch_sd = d.stretch_sd;
  g.lead_gain_sd = d.lead_gain_sd;
  g.noise_mv = d.noise_mv;
  g.noise_sd = d.noise_sd;
  g.dropout = d.dropout;
  g.millivolt = d.microvolt_per_count * 1e-3f;
  PCD_LAUNCH(kernels::gather::gather_augment, static_cast<unsigned>(d.inputs.shape[0]), 256, 0, queue.stream, g);
  return queue.launched("gather_augment");
}

}  // namespace pcd::cuda
