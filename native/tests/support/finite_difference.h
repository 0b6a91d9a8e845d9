// SPDX-License-Identifier: Apache-2.0
//
// Central finite differences in fp64: the check of the reference's gradients, which are the check of
// everything else.
#ifndef PCD_TESTS_SUPPORT_FINITE_DIFFERENCE_H
#define PCD_TESTS_SUPPORT_FINITE_DIFFERENCE_H

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "support/expect.h"

namespace pcd::test {

// Holds an analytic gradient of f against Richardson's extrapolation of two central differences, element by
// element for up to 400 elements (evenly spread). The error is relative to the gradient's largest element.
template <typename F>
void expect_gradient(const std::string& what, std::vector<double> x, const std::vector<double>& gradient,
                     F&& f, double tolerance = 1e-6) {
  expect(x.size() == gradient.size(), what + ": gradient of another size");
  double scale = 0, worst = 0;
  for (double g : gradient) scale = std::max(scale, std::fabs(g));
  const size_t stride = std::max<size_t>(1, x.size() / 400);
  for (size_t i = 0; i < x.size(); i += stride) {
    const double at = x[i], h = 1e-3 * std::max(0.1, std::fabs(at));
    const auto central = [&](double step) {
      x[i] = at + step;
      const double above = f(x);
      x[i] = at - step;
      const double below = f(x);
      x[i] = at;
      return (above - below) / (2 * step);
    };
    const double numeric = (4 * central(h / 2) - central(h)) / 3;
    worst = std::max(worst, std::fabs(numeric - gradient[i]));
  }
  const double error = scale > 0 ? worst / scale : worst;
  std::printf("finite differences  %-44s %.2e\n", what.c_str(), error);
  expect(error <= tolerance, what + ": gradient differs from finite differences by " + std::to_string(error));
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace pcd::test

#endif
