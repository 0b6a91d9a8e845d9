// SPDX-License-Identifier: Apache-2.0
//
// Sweeps the vector functions over their ranges; compiled once per instruction set.
#include "cpu_math_errors.h"

#include <cmath>
#include <cstdint>

#include "cpu/math.h"

#define PCD_JOIN_(a, b) a##b
#define PCD_JOIN(a, b) PCD_JOIN_(a, b)

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int sweep = 400000;  // vectors a function

double ulp(double exact) {
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
}

// Largest error(value, argument, exact) of f over evenly spaced arguments, a different fraction in every
// lane.
template <class F, class Exact, class Error>
double largest_error(double low, double high, F f, Exact exact, Error error) {
  double worst = 0;
  for (int step = 0; step < sweep; ++step) {
    vf x = zero();
    for (int lane = 0; lane < W; ++lane) {
      x[lane] = static_cast<float>(low + (high - low) * (step + (lane + 0.5) / W) / sweep);
    }
    const vf y = f(x);
    for (int lane = 0; lane < W; ++lane) {
      const double truth = exact(static_cast<double>(x[lane]));
      const double e = error(static_cast<double>(y[lane]), static_cast<double>(x[lane]), truth);
      if (!(e <= worst)) worst = e;
    }
  }
  return worst;
}

double in_ulp(double value, double, double exact) { return std::fabs(value - exact) / ulp(exact); }
double relative_to_argument(double value, double x, double exact) {
  return x == 0 ? std::fabs(value - exact) : std::fabs(value - exact) / std::fabs(x);
}
double absolute(double value, double, double exact) { return std::fabs(value - exact); }

double exact_gelu(double v) {
  return v * 0.5 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
}
double exact_derivative(double v) {
  const double k = std::sqrt(2 / M_PI);
  const double t = std::tanh(k * (v + 0.044715 * v * v * v));
  return 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * k * (1 + 3 * 0.044715 * v * v);
}

int wrong_special_values() {
  const float infinity = __builtin_inff();
  const float nan = __builtin_nanf("");
  int wrong = 0;
  const auto check = [&](bool holds) { wrong += !holds; };
  check(exp(broadcast(-105.0f))[0] == 0.0f && exp(broadcast(-infinity))[0] == 0.0f);
  check(exp(broadcast(89.0f))[0] == infinity && exp(broadcast(infinity))[0] == infinity);
  check(exp(zero())[0] == 1.0f);
  check(std::isnan(exp(broadcast(nan))[0]));
  check(log(zero())[0] == -infinity && log(broadcast(infinity))[0] == infinity);
  check(log(broadcast(1.0f))[0] == 0.0f);
  check(std::isnan(log(broadcast(-1.0f))[0]) && std::isnan(log(broadcast(nan))[0]));
  check(sigmoid(broadcast(-200.0f))[0] == 0.0f && sigmoid(broadcast(200.0f))[0] == 1.0f);
  check(softplus(broadcast(200.0f))[0] == 200.0f && softplus(broadcast(-200.0f))[0] == 0.0f);
  check(std::fabs(gelu(broadcast(-1e6f))[0]) < 1e-30f && gelu(broadcast(1e6f))[0] == 1e6f);
  check(gelu(zero())[0] == 0.0f && std::isnan(gelu(broadcast(nan))[0]));
  return wrong;
}

int wrong_sums() {
  int wrong = 0;
  uint32_t state = 1;
  for (int round = 0; round < 1000; ++round) {
    float x[4][W];
    for (auto& row : x) {
      for (float& value : row) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>(static_cast<int32_t>(state)) * 1e-6f;
      }
    }
    const v4 sums = sum4(load(x[0]), load(x[1]), load(x[2]), load(x[3]));
    for (int i = 0; i < 4; ++i) wrong += sums[i] != sum(load(x[i]));
  }
  return wrong;
}

// The quick forms divide once for several vectors: beside x those that make the shared quotient small or large.
Wide<4> beside(vf x) { return {{-x, x, broadcast(-1e6f), broadcast(1e6f)}}; }

test::MathErrors measure() {
  test::MathErrors e{};
  e.exp = largest_error(-87, 88.7, [](vf x) { return exp(x); }, [](double x) { return std::exp(x); }, in_ulp);
  const auto log_of = [](vf x) { return log(x); };
  const auto exact_log = [](double x) { return std::log(x); };
  e.log = std::fmax(largest_error(1e-30, 4, log_of, exact_log, in_ulp),
                    std::fmax(largest_error(0.98, 1.02, log_of, exact_log, in_ulp),
                              largest_error(4, 3e38, log_of, exact_log, in_ulp)));
  const auto log1p_of = [](vf x) { return log1p(x); };
  const auto exact_log1p = [](double x) { return std::log1p(x); };
  e.log1p = std::fmax(largest_error(0, 1e-3, log1p_of, exact_log1p, in_ulp),
                      largest_error(0, 100, log1p_of, exact_log1p, in_ulp));
  e.sigmoid = largest_error(
      -85, 85, [](vf x) { return sigmoid(x); }, [](double x) { return 1 / (1 + std::exp(-x)); }, in_ulp);
  e.softplus = largest_error(
      -80, 80, [](vf x) { return softplus(x); },
      [](double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }, in_ulp);
  e.gelu = largest_error(-12, 12, [](vf x) { return gelu(x); }, exact_gelu, relative_to_argument);
  e.quick_gelu = largest_error(
      -12, 12, [](vf x) { return gelu<true>(beside(x)).v[1]; }, exact_gelu, relative_to_argument);
  e.gelu_derivative = largest_error(
      -12, 12,
      [](vf x) {
        vf derivative = zero();
        gelu_with_derivative(x, derivative);
        return derivative;
      },
      exact_derivative, absolute);
  e.quick_gelu_derivative = largest_error(
      -12, 12,
      [](vf x) {
        Wide<4> derivative;
        gelu_with_derivative<true>(beside(x), derivative);
        return derivative.v[1];
      },
      exact_derivative, absolute);
  e.wrong_special_values = wrong_special_values();
  e.wrong_sums = wrong_sums();
  return e;
}

}  // namespace
}  // namespace pcd::cpu::PCD_ISA

namespace pcd::test {

MathErrors PCD_JOIN(math_errors_, PCD_ISA)() { return cpu::PCD_ISA::measure(); }

}  // namespace pcd::test
