// SPDX-License-Identifier: Apache-2.0
//
// One row after the other, into every entry of both matrices.
#include "reference/ridge.h"

namespace pcd::reference {

template <typename T>
void ridge(int64_t rows, int64_t inputs_count, int64_t targets_count, const std::vector<T>& inputs,
           const std::vector<T>& targets, std::vector<T>& gram, std::vector<T>& moment) {
  const int64_t n = inputs_count + 1;
  std::vector<T> extended(n, T(1));
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < inputs_count; ++i) extended[i] = inputs[row * inputs_count + i];
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) gram[i * n + j] += extended[i] * extended[j];
      for (int64_t k = 0; k < targets_count; ++k) {
        moment[i * targets_count + k] += extended[i] * targets[row * targets_count + k];
      }
    }
  }
}

template void ridge(int64_t, int64_t, int64_t, const std::vector<double>&, const std::vector<double>&,
                    std::vector<double>&, std::vector<double>&);
template void ridge(int64_t, int64_t, int64_t, const std::vector<long double>&,
                    const std::vector<long double>&, std::vector<long double>&, std::vector<long double>&);

}  // namespace pcd::reference
