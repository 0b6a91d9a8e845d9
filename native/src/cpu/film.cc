// SPDX-License-Identifier: Apache-2.0
//
// film: (g, b) = W·h + bias, y = x·(1 + g) + b, and its gradients. `saved` and, for inference, `workspace` hold (g, b).
#include <cstdint>

#include "core/buffer.h"
#include "cpu/linear.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"
#include "cpu/storage.h"

namespace pcd::cpu::PCD_ISA {
namespace {

uint64_t modulation_bytes(const pcd_film_desc& d) {
  return static_cast<uint64_t>(2 * d.input.shape[0] * d.input.shape[2]) * sizeof(float);
}

template <class S>
void forward(Pool& pool, const pcd_film_desc& d) {
  const int64_t batch = d.input.shape[0], length = d.input.shape[1], c = d.input.shape[2];
  const float* weight = data<const float>(d.parameters);
  const bool inference = (d.flags & PCD_FLAG_INFERENCE) != 0;
  float* modulation = data<float>(inference ? d.workspace : d.saved);
  linear_forward(pool, {batch, 2 * c, c}, data<const float>(d.h), weight, weight + 2 * c * c, modulation);
  pool.run(batch, [&](int64_t b) {
    const float* gain = modulation + 2 * b * c;
    const float* shift = gain + c;
    const S* x = data<const S>(d.input) + b * length * c;
    S* y = data<S>(d.output) + b * length * c;
    for (int64_t t = 0; t < length; ++t) {
#pragma omp simd
      for (int64_t i = 0; i < c; ++i) {
        assign(y[t * c + i], static_cast<float>(x[t * c + i]) * (1.0f + gain[i]) + shift[i]);
      }
    }
  });
}

// Of the activations: (g, b)'s gradients go to the workspace.
template <class S>
void backward(Pool& pool, const pcd_film_desc& d) {
  const int64_t batch = d.input.shape[0], length = d.input.shape[1], c = d.input.shape[2];
  const float* modulation = data<const float>(d.saved);
  float* modulation_grad = data<float>(d.workspace);
  pool.run(batch, [&](int64_t b) {
    const float* gain = modulation + 2 * b * c;
    float* gain_grad = modulation_grad + 2 * b * c;
    float* shift_grad = gain_grad + c;
    const S* x = data<const S>(d.input) + b * length * c;
    const S* dy = data<const S>(d.output_grad) + b * length * c;
    S* dx = data<S>(d.input_grad) + b * length * c;
    fill_row(gain_grad, 2 * c, 0.0f);
    for (int64_t t = 0; t < length; ++t) {
      // dx may be dy's memory: each element is read before it is written.
#pragma omp simd
      for (int64_t i = 0; i < c; ++i) {
        const float g = static_cast<float>(dy[t * c + i]);
        gain_grad[i] += g * static_cast<float>(x[t * c + i]);
        shift_grad[i] += g;
        assign(dx[t * c + i], g * (1.0f + gain[i]));
      }
    }
  });
}

}  // namespace

uint64_t film_saved(const Pool&, const pcd_film_desc& d) { return modulation_bytes(d); }

// Forward without `saved` needs room for (g, b), backward for their gradients.
uint64_t film_workspace(const Pool&, const pcd_film_desc& d) { return modulation_bytes(d); }

int32_t film_forward(Pool& pool, const pcd_film_desc& d) {
  with_storage(d.input, [&](auto type) { forward<decltype(type)>(pool, d); });
  return PCD_OK;
}

int32_t film_backward(Pool& pool, const pcd_film_desc& d) {
  with_storage(d.input, [&](auto type) { backward<decltype(type)>(pool, d); });
  const int64_t batch = d.input.shape[0], c = d.input.shape[2];
  const float* modulation_grad = data<const float>(d.workspace);
  const Linear shape{batch, 2 * c, c};
  const float* weight = data<const float>(d.parameters);
  if (present(d.h_grad)) {
    linear_input_grad(pool, shape, modulation_grad, weight, (d.flags & PCD_FLAG_ACCUMULATE_INPUT) != 0,
                      data<float>(d.h_grad));
  }
  float* grad = data<float>(d.parameter_grad);
  linear_parameter_grad(pool, shape, data<const float>(d.h), modulation_grad, (d.flags & PCD_FLAG_ACCUMULATE) != 0,
                        grad, grad + 2 * c * c);
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
