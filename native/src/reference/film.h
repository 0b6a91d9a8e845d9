// SPDX-License-Identifier: Apache-2.0
//
// Reference of FiLM (Perez et al. 2018): (g, b) = W·h + bias, y[b,t] = x[b,t]·(1 + g[b]) + b[b].
#ifndef PCD_REFERENCE_FILM_H
#define PCD_REFERENCE_FILM_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct FilmShape {
  int64_t batch, length, channels;

  // weight [2C, C] (rows of g first), bias [2C]
  int64_t parameters() const { return 2 * channels * channels + 2 * channels; }
};

template <typename T>
std::vector<T> film_forward(const FilmShape& shape, const std::vector<T>& input, const std::vector<T>& h,
                            const std::vector<T>& parameters);

template <typename T>
struct FilmGradients {
  std::vector<T> input;  // [B, L, C]
  std::vector<T> h;      // [B, C]
  std::vector<T> parameters;
};

template <typename T>
FilmGradients<T> film_backward(const FilmShape& shape, const std::vector<T>& input, const std::vector<T>& h,
                               const std::vector<T>& parameters, const std::vector<T>& output_grad);

}  // namespace pcd::reference

#endif
