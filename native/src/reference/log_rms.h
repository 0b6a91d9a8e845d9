// SPDX-License-Identifier: Apache-2.0
//
// log_rms.
#ifndef PCD_REFERENCE_LOG_RMS_H
#define PCD_REFERENCE_LOG_RMS_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct LogRmsShape {
  int64_t batch, length, leads, channels;
};

// [B, C]
template <typename T>
std::vector<T> log_rms(const LogRmsShape& shape, const std::vector<T>& input, T scale);

}  // namespace pcd::reference

#endif
