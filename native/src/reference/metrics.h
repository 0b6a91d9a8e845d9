// SPDX-License-Identifier: Apache-2.0
//
// Reference of metrics: one row of training metrics out of the step state and the losses.
#ifndef PCD_REFERENCE_METRICS_H
#define PCD_REFERENCE_METRICS_H

#include <vector>

#include "precordia/precordia.h"

namespace pcd::reference {

// An empty vector stands for an absent loss. reconstruction: loss, mse, l1; contrastive: mean, sum, anchors.
pcd_metrics_row metrics_row(const pcd_step_state& state, const std::vector<float>& reconstruction,
                            const std::vector<float>& contrastive, const std::vector<float>& classifier);

}  // namespace pcd::reference

#endif
