// SPDX-License-Identifier: Apache-2.0
//
// Gradients: dg = Σ_t dy·x, db = Σ_t dy, dx = dy·(1 + g); then through the affine map of h.
#include "reference/film.h"

#include "reference/layers.h"

namespace pcd::reference {

template <typename T>
std::vector<T> film_forward(const FilmShape& shape, const std::vector<T>& input, const std::vector<T>& h,
                            const std::vector<T>& parameters) {
  const auto [B, L, C] = shape;
  std::vector<T> output(input.size()), modulation(2 * C);
  for (int64_t b = 0; b < B; ++b) {
    affine(h.data() + b * C, parameters.data(), parameters.data() + 2 * C * C, C, 2 * C, modulation.data());
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t c = 0; c < C; ++c) {
        const int64_t at = (b * L + t) * C + c;
        output[at] = input[at] * (T(1) + modulation[c]) + modulation[C + c];
      }
    }
  }
  return output;
}

template <typename T>
FilmGradients<T> film_backward(const FilmShape& shape, const std::vector<T>& input, const std::vector<T>& h,
                               const std::vector<T>& parameters, const std::vector<T>& output_grad) {
  const auto [B, L, C] = shape;
  FilmGradients<T> gradients{std::vector<T>(input.size()), std::vector<T>(h.size(), T(0)),
                             std::vector<T>(parameters.size(), T(0))};
  std::vector<T> modulation(2 * C), modulation_grad(2 * C);
  for (int64_t b = 0; b < B; ++b) {
    affine(h.data() + b * C, parameters.data(), parameters.data() + 2 * C * C, C, 2 * C, modulation.data());
    modulation_grad.assign(2 * C, T(0));
    for (int64_t t = 0; t < L; ++t) {
      for (int64_t c = 0; c < C; ++c) {
        const int64_t at = (b * L + t) * C + c;
        gradients.input[at] = output_grad[at] * (T(1) + modulation[c]);
        modulation_grad[c] += output_grad[at] * input[at];
        modulation_grad[C + c] += output_grad[at];
      }
    }
    affine_backward(h.data() + b * C, parameters.data(), modulation_grad.data(), C, 2 * C,
                    gradients.h.data() + b * C, gradients.parameters.data(),
                    gradients.parameters.data() + 2 * C * C);
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                \
  template std::vector<T> film_forward(const FilmShape&, const std::vector<T>&, const std::vector<T>&,    \
                                       const std::vector<T>&);                                            \
  template FilmGradients<T> film_backward(const FilmShape&, const std::vector<T>&, const std::vector<T>&, \
                                          const std::vector<T>&, const std::vector<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
