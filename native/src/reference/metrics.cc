// SPDX-License-Identifier: Apache-2.0
//
// Losses are kept unweighted; `loss` is their sum under the state's weights.
#include "reference/metrics.h"

namespace pcd::reference {

pcd_metrics_row metrics_row(const pcd_step_state& state, const std::vector<float>& reconstruction,
                            const std::vector<float>& contrastive, const std::vector<float>& classifier) {
  pcd_metrics_row row{};
  row.step = state.step;
  row.rate = state.rate;
  row.gradient_norm = state.gradient_norm;
  row.anchors = state.anchors;
  row.non_finite = state.non_finite;
  double loss = 0;
  if (!reconstruction.empty()) {
    row.reconstruction = reconstruction[0];
    row.mse = reconstruction[1];
    row.l1 = reconstruction[2];
    loss += static_cast<double>(state.weight_reconstruction) * reconstruction[0];
  }
  if (!contrastive.empty()) {
    const double mean = contrastive[2] > 0 ? static_cast<double>(contrastive[1]) / contrastive[2] : 0;
    row.contrastive = static_cast<float>(mean);
    loss += static_cast<double>(state.weight_contrastive) * mean;
  }
  if (!classifier.empty()) {
    row.classifier = classifier[0];
    loss += static_cast<double>(state.weight_classifier) * classifier[0];
  }
  row.loss = static_cast<float>(loss);
  return row;
}

}  // namespace pcd::reference
