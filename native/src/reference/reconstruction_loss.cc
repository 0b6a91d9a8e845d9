// SPDX-License-Identifier: Apache-2.0
//
// The derivative of |0| is 0; means go over batch, time and targets.
#include "reference/reconstruction_loss.h"

#include <cmath>

namespace pcd::reference {

template <typename T>
ReconstructionLoss<T> reconstruction_loss(const ReconstructionShape& shape, const std::vector<T>& prediction,
                                          const std::vector<T>& target, T mse_weight, T l1_weight, T scale) {
  const auto [B, L, K] = shape;
  const T count = T(B * L * K);
  ReconstructionLoss<T> result{0, 0, 0, std::vector<T>(prediction.size()), std::vector<T>(B * K * 7, T(0))};
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t k = 0; k < K; ++k) {
        const int64_t at = (b * L + t) * K + k;
        const T p = prediction[at], y = target[at], e = p - y;
        const T sign = e > 0 ? T(1) : e < 0 ? T(-1) : T(0);
        result.mse += e * e;
        result.l1 += std::abs(e);
        result.prediction_grad[at] = scale * (mse_weight * T(2) * e + l1_weight * sign) / count;
        const T terms[7] = {e * e, std::abs(e), y, y * y, p, p * p, y * p};
        for (int64_t m = 0; m < 7; ++m) result.moments[(b * K + k) * 7 + m] += terms[m];
      }
    }
  }
  result.mse /= count;
  result.l1 /= count;
  result.loss = mse_weight * result.mse + l1_weight * result.l1;
  return result;
}

template ReconstructionLoss<double> reconstruction_loss(const ReconstructionShape&,
                                                        const std::vector<double>&,
                                                        const std::vector<double>&, double, double, double);
template ReconstructionLoss<float> reconstruction_loss(const ReconstructionShape&, const std::vector<float>&,
                                                       const std::vector<float>&, float, float, float);

}  // namespace pcd::reference
