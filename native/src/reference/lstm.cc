// SPDX-License-Identifier: Apache-2.0
//
// One window and direction at a time. Gradients go back through time: dh and dc of a step are what its output
// and the step after it hand down; a gate's derivative follows from its value.
#include "reference/lstm.h"

#include <cmath>

#include "reference/layers.h"

namespace pcd::reference {
namespace {

template <typename T>
T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

// One window in one direction; step 0 is the first that it takes.
template <typename T>
struct Run {
  int64_t length, channels, hidden;
  bool reversed;
  const T* input;       // [L, C]
  const T* parameters;  // W, U, bw, bu
  std::vector<T> gates;  // [L, 4H] by step: σ(i), σ(f), tanh g, σ(o)
  std::vector<T> cells;  // [L + 1, H]: c before step s
  std::vector<T> states;  // [L + 1, H]: h before step s

  Run(const LstmShape& s, bool reverse, const T* x, const T* p)
      : length(s.length), channels(s.channels), hidden(s.hidden), reversed(reverse), input(x), parameters(p),
        gates(length * 4 * hidden), cells((length + 1) * hidden, T(0)), states((length + 1) * hidden, T(0)) {
    std::vector<T> recurrent(4 * hidden);
    for (int64_t step = 0; step < length; ++step) {
      T* gate = gates.data() + step * 4 * hidden;
      affine(input + time(step) * channels, weight(), weight_bias(), channels, 4 * hidden, gate);
      affine(states.data() + step * hidden, recurrence(), recurrence_bias(), hidden, 4 * hidden, recurrent.data());
      for (int64_t k = 0; k < 4 * hidden; ++k) {
        const T sum = gate[k] + recurrent[k];
        gate[k] = k / hidden == 2 ? std::tanh(sum) : sigmoid(sum);
      }
      for (int64_t k = 0; k < hidden; ++k) {
        const T c = gate[hidden + k] * cells[step * hidden + k] + gate[k] * gate[2 * hidden + k];
        cells[(step + 1) * hidden + k] = c;
        states[(step + 1) * hidden + k] = gate[3 * hidden + k] * std::tanh(c);
      }
    }
  }

  int64_t time(int64_t step) const { return reversed ? length - 1 - step : step; }
  const T* weight() const { return parameters; }
  const T* recurrence() const { return parameters + 4 * hidden * channels; }
  const T* weight_bias() const { return recurrence() + 4 * hidden * hidden; }
  const T* recurrence_bias() const { return weight_bias() + 4 * hidden; }
};

}  // namespace

template <typename T>
std::vector<T> lstm_forward(const LstmShape& s, const std::vector<T>& input, const std::vector<T>& parameters) {
  std::vector<T> output(s.batch * s.length * s.directions * s.hidden);
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t d = 0; d < s.directions; ++d) {
      const Run<T> run(s, d == 1, input.data() + b * s.length * s.channels,
                       parameters.data() + d * s.direction_parameters());
      for (int64_t step = 0; step < s.length; ++step) {
        for (int64_t k = 0; k < s.hidden; ++k) {
          output[((b * s.length + run.time(step)) * s.directions + d) * s.hidden + k] =
              run.states[(step + 1) * s.hidden + k];
        }
      }
    }
  }
  return output;
}

template <typename T>
LstmGradients<T> lstm_backward(const LstmShape& s, const std::vector<T>& input, const std::vector<T>& parameters,
                               const std::vector<T>& output_grad) {
  const int64_t C = s.channels, H = s.hidden;
  LstmGradients<T> gradients{std::vector<T>(input.size(), T(0)), std::vector<T>(parameters.size(), T(0))};
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t d = 0; d < s.directions; ++d) {
      const Run<T> run(s, d == 1, input.data() + b * s.length * C, parameters.data() + d * s.direction_parameters());
      T* weight_grad = gradients.parameters.data() + d * s.direction_parameters();
      T* recurrence_grad = weight_grad + 4 * H * C;
      T* weight_bias_grad = recurrence_grad + 4 * H * H;
      std::vector<T> h_grad(H, T(0)), c_grad(H, T(0)), sum_grad(4 * H);
      for (int64_t step = s.length - 1; step >= 0; --step) {
        const T* gate = run.gates.data() + step * 4 * H;
        const int64_t row = b * s.length + run.time(step);
        for (int64_t k = 0; k < H; ++k) {
          const T i = gate[k], f = gate[H + k], g = gate[2 * H + k], o = gate[3 * H + k];
          const T dh = h_grad[k] + output_grad[(row * s.directions + d) * H + k];
          const T tanh_c = std::tanh(run.cells[(step + 1) * H + k]);
          const T dc = c_grad[k] + dh * o * (T(1) - tanh_c * tanh_c);
          sum_grad[k] = dc * g * i * (T(1) - i);
          sum_grad[H + k] = dc * run.cells[step * H + k] * f * (T(1) - f);
          sum_grad[2 * H + k] = dc * i * (T(1) - g * g);
          sum_grad[3 * H + k] = dh * tanh_c * o * (T(1) - o);
          c_grad[k] = dc * f;
          h_grad[k] = T(0);
        }
        affine_backward(run.input + run.time(step) * C, run.weight(), sum_grad.data(), C, 4 * H,
                        gradients.input.data() + row * C, weight_grad, weight_bias_grad);
        affine_backward(run.states.data() + step * H, run.recurrence(), sum_grad.data(), H, 4 * H, h_grad.data(),
                        recurrence_grad, weight_bias_grad + 4 * H);
      }
    }
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                        \
  template std::vector<T> lstm_forward(const LstmShape&, const std::vector<T>&, const std::vector<T>&);           \
  template LstmGradients<T> lstm_backward(const LstmShape&, const std::vector<T>&, const std::vector<T>&,         \
                                          const std::vector<T>&);
PCD_INSTANTIATE(float)
PCD_INSTANTIATE(double)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
