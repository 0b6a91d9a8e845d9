// SPDX-License-Identifier: Apache-2.0
//
// Reference of the head: out[b,t] = W·LN(x[b,t]) + bias + A·s[b,t] + a, in mV; A and a are the frozen ridge
// anchor.
#ifndef PCD_REFERENCE_HEAD_H
#define PCD_REFERENCE_HEAD_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct HeadShape {
  int64_t batch, length, channels, targets, leads;

  // norm.weight [C], norm.bias [C], weight [T, C], bias [T]
  int64_t parameters() const { return 2 * channels + targets * channels + targets; }
  // weight [T, n], bias [T]
  int64_t anchor() const { return targets * leads + targets; }
};

// An empty anchor stands for none; signal [B, L, n] is then ignored.
template <typename T>
std::vector<T> head_forward(const HeadShape& shape, const std::vector<T>& input, const std::vector<T>& signal,
                            const std::vector<T>& parameters, const std::vector<T>& anchor);

template <typename T>
struct HeadGradients {
  std::vector<T> input;
  std::vector<T> parameters;
};

template <typename T>
HeadGradients<T> head_backward(const HeadShape& shape, const std::vector<T>& input,
                               const std::vector<T>& parameters, const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
