// SPDX-License-Identifier: Apache-2.0
//
// lstm (Hochreiter & Schmidhuber 1997) with a forget gate, in one or both directions of time.
#ifndef PCD_REFERENCE_LSTM_H
#define PCD_REFERENCE_LSTM_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct LstmShape {
  int64_t batch, length, channels, hidden, directions;  // B, L, C, H, D
  int64_t direction_parameters() const { return 4 * hidden * (channels + hidden + 2); }
  int64_t parameters() const { return directions * direction_parameters(); }
};

template <typename T>
std::vector<T> lstm_forward(const LstmShape& shape, const std::vector<T>& input, const std::vector<T>& parameters);

template <typename T>
struct LstmGradients {
  std::vector<T> input, parameters;
};

template <typename T>
LstmGradients<T> lstm_backward(const LstmShape& shape, const std::vector<T>& input, const std::vector<T>& parameters,
                               const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
