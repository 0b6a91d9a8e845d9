// SPDX-License-Identifier: Apache-2.0
//
// adamw: global norm, clipping, AdamW and moving average over the flat buffers. The norm is summed in double over
// fixed pieces of kPiece parameters, in order.
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t kPiece = 16384;

int64_t pieces(int64_t parameters) { return (parameters + kPiece - 1) / kPiece; }

struct Rates {
  float clip, beta1, beta2, correction1, correction2, epsilon, rate, average;
};

// Parameters [begin, end) of one segment, all with the same decay.
void update(const pcd_adamw_desc& d, int64_t begin, int64_t end, const Rates& r, float shrink) {
  float* p = data<float>(d.parameters);
  const float* gradient = data<const float>(d.gradients);
  float* first = data<float>(d.first_moment);
  float* second = data<float>(d.second_moment);
  float* average = data<float>(d.average);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const float g = gradient[i] * r.clip;
    const float m = r.beta1 * first[i] + (1.0f - r.beta1) * g;
    const float v = r.beta2 * second[i] + (1.0f - r.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const float step = (m * r.correction1) / (std::sqrt(v * r.correction2) + r.epsilon);
    p[i] = p[i] * shrink - r.rate * step;
  }
  if (average != nullptr) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) average[i] = r.average * average[i] + (1.0f - r.average) * p[i];
  }
}

}  // namespace

uint64_t adamw_workspace(const Pool&, const pcd_adamw_desc& d) {
  return static_cast<uint64_t>(pieces(d.parameters.shape[0])) * sizeof(double);
}

int32_t adamw(Pool& pool, const pcd_adamw_desc& d) {
  const int64_t n = d.parameters.shape[0], count = pieces(n);
  const float* gradient = data<const float>(d.gradients);
  double* partial = data<double>(d.workspace);
  pcd_step_state& state = *data<pcd_step_state>(d.state);
  pool.run(count, [&](int64_t piece) {
    const int64_t begin = piece * kPiece, end = least(n, begin + kPiece);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = begin; i < end; ++i) sum += double{gradient[i]} * double{gradient[i]};
    partial[piece] = sum;
  });
  double square = 0;
  for (int64_t piece = 0; piece < count; ++piece) square += partial[piece];
  const double norm = std::sqrt(square);
  state.gradient_norm = static_cast<float>(norm);
  if (!std::isfinite(norm)) {
    state.non_finite += 1;
    return PCD_OK;
  }
  Rates rates{};
  rates.clip = d.clip_norm > 0 ? static_cast<float>(std::fmin(1.0, d.clip_norm / (norm + 1e-6))) : 1.0f;
  rates.beta1 = d.beta1;
  rates.beta2 = d.beta2;
  rates.correction1 = static_cast<float>(1.0 / (1.0 - state.beta1_power));
  rates.correction2 = static_cast<float>(1.0 / (1.0 - state.beta2_power));
  rates.epsilon = d.epsilon;
  rates.rate = state.rate;
  rates.average = d.average_decay;
  const int64_t* bounds = data<const int64_t>(d.segments);
  const float* decay = data<const float>(d.decay);
  const int64_t segments = d.decay.shape[0];
  pool.run(count, [&](int64_t piece) {
    const int64_t begin = piece * kPiece, end = least(n, begin + kPiece);
    int64_t s = 0;
    while (s + 1 < segments && bounds[s + 1] <= begin) ++s;
    for (int64_t i = begin; i < end; ++s) {
      const int64_t stop = least(end, bounds[s + 1]);
      update(d, i, stop, rates, 1.0f - rates.rate * d.weight_decay * decay[s]);
      i = stop;
    }
  });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
