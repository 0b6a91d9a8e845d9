// SPDX-License-Identifier: Apache-2.0
//
// Reference of ridge: normal equations of a linear map with a bias. With s' = (s, 1): gram += Σ s' s'ᵀ,
// moment += Σ s' yᵀ over rows.
#ifndef PCD_REFERENCE_RIDGE_H
#define PCD_REFERENCE_RIDGE_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

// inputs [rows, n], targets [rows, T], gram [n+1, n+1], moment [n+1, T]
template <typename T>
void ridge(int64_t rows, int64_t inputs_count, int64_t targets_count, const std::vector<T>& inputs,
           const std::vector<T>& targets, std::vector<T>& gram, std::vector<T>& moment);

}  // namespace pcd::reference

#endif
