// SPDX-License-Identifier: Apache-2.0
//
// Reference of pooling and projection: h = mean over time of LN(x), p = W1·GELU(W0·h + b0) + b1, z = p /
// max(|p|, 1e-12).
#ifndef PCD_REFERENCE_POOL_PROJECT_H
#define PCD_REFERENCE_POOL_PROJECT_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct PoolProjectShape {
  int64_t batch, length, channels, embedding;

  // norm.weight [C], norm.bias [C], 0.weight [C, C], 0.bias [C], 1.weight [D, C], 1.bias [D]
  int64_t parameters() const {
    return 2 * channels + channels * channels + channels + embedding * channels + embedding;
  }
};

template <typename T>
struct PoolProjectOutput {
  std::vector<T> h;  // [B, C]
  std::vector<T> z;  // [B, D]
};

template <typename T>
PoolProjectOutput<T> pool_project_forward(const PoolProjectShape& shape, const std::vector<T>& input,
                                          const std::vector<T>& parameters);

template <typename T>
struct PoolProjectGradients {
  std::vector<T> input;
  std::vector<T> parameters;
};

// h_grad is what reaches h from elsewhere; an empty h_grad or z_grad stands for zeros.
template <typename T>
PoolProjectGradients<T> pool_project_backward(const PoolProjectShape& shape, const std::vector<T>& input,
                                              const std::vector<T>& parameters, const std::vector<T>& h_grad,
                                              const std::vector<T>& z_grad);

}  // namespace pcd::reference

#endif
