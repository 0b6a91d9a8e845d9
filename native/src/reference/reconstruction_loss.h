// SPDX-License-Identifier: Apache-2.0
//
// Reference of the reconstruction loss: mse_weight·mean(e²) + l1_weight·mean|e|, e = prediction - target.
#ifndef PCD_REFERENCE_RECONSTRUCTION_LOSS_H
#define PCD_REFERENCE_RECONSTRUCTION_LOSS_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct ReconstructionShape {
  int64_t batch, length, targets;
};

template <typename T>
struct ReconstructionLoss {
  T loss, mse, l1;
  std::vector<T> prediction_grad;  // dloss/dprediction · scale
  std::vector<T> moments;          // [B, T, 7]: Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp over time, y the target
};

template <typename T>
ReconstructionLoss<T> reconstruction_loss(const ReconstructionShape& shape, const std::vector<T>& prediction,
                                          const std::vector<T>& target, T mse_weight, T l1_weight, T scale);

}  // namespace pcd::reference

#endif
