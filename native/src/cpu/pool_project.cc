// SPDX-License-Identifier: Apache-2.0
//
// pool_project: layer norm, mean over time (h), two linear layers and L2 normalisation (z), and its gradients.
//
// The mean over time is taken of the normalised rows, before gain and shift: h = gain · mean(x̂) + shift. `saved` holds
// what backward reads, in this order: mean and reciprocal deviation of each row, mean(x̂), the projection's hidden
// layer before and after GELU, and max(|p|, 1e-12).
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/linear.h"
#include "cpu/math.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"
#include "cpu/storage.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr float kShortest = 1e-12f;

struct Shape {
  int64_t batch, length, c, embedding;  // embedding: 0 without projection
};

Shape shape_of(const pcd_pool_project_desc& d) {
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], d.z.rank == 2 ? d.z.shape[1] : 0};
}

// Views into the flat parameters, or into their gradients.
template <typename T>
struct Weights {
  T *gain, *shift, *weight0, *bias0, *weight1, *bias1;
  Weights(T* p, int64_t c, int64_t embedding)
      : gain(p), shift(p + c), weight0(p + 2 * c), bias0(weight0 + c * c), weight1(bias0 + c),
        bias1(weight1 + embedding * c) {}
};

struct Saved {
  float *statistics, *centred, *hidden, *active, *norm;
  Saved(float* p, const Shape& s)
      : statistics(p), centred(p + 2 * s.batch * s.length), hidden(centred + s.batch * s.c),
        active(hidden + s.batch * s.c), norm(active + s.batch * s.c) {}
};

uint64_t saved_floats(const Shape& s) {
  return static_cast<uint64_t>(s.batch * (2 * s.length + 3 * s.c + 1));
}

// The embedding of a descriptor whose z is absent still follows from the number of parameters.
int64_t embedding_of(const pcd_pool_project_desc& d) {
  const int64_t c = d.input.shape[2];
  return (d.parameters.shape[0] - 3 * c - c * c) / (c + 1);
}

// Statistics of all rows, mean(x̂) and h.
template <class S>
void pool_rows(Pool& pool, const pcd_pool_project_desc& d, const Shape& s, const Weights<const float>& w,
               const Saved& saved) {
  float* h = data<float>(d.h);
  pool.run(s.batch, [&](int64_t b) {
    float* centred = saved.centred + b * s.c;
    fill_row(centred, s.c, 0.0f);
    for (int64_t t = 0; t < s.length; ++t) {
      const S* x = data<const S>(d.input) + (b * s.length + t) * s.c;
      float sum = 0.0f, square = 0.0f;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = 0; i < s.c; ++i) sum += static_cast<float>(x[i]);
      const float mean = sum / static_cast<float>(s.c);
#pragma omp simd reduction(+ : square)
      for (int64_t i = 0; i < s.c; ++i) {
        const float off = static_cast<float>(x[i]) - mean;
        square += off * off;
      }
      const float reciprocal = 1.0f / std::sqrt(square / static_cast<float>(s.c) + kEpsilon);
      saved.statistics[2 * (b * s.length + t)] = mean;
      saved.statistics[2 * (b * s.length + t) + 1] = reciprocal;
#pragma omp simd
      for (int64_t i = 0; i < s.c; ++i) centred[i] += (static_cast<float>(x[i]) - mean) * reciprocal;
    }
    const float share = 1.0f / static_cast<float>(s.length);
#pragma omp simd
    for (int64_t i = 0; i < s.c; ++i) {
      centred[i] *= share;
      h[b * s.c + i] = w.gain[i] * centred[i] + w.shift[i];
    }
  });
}

// The input's gradient from h's, which is overwritten.
template <class S>
void unpool_rows(Pool& pool, const pcd_pool_project_desc& d, const Shape& s, const Weights<const float>& w,
                 const Saved& saved, float* h_grad) {
  const float share = 1.0f / static_cast<float>(s.length), channels = static_cast<float>(s.c);
  pool.run(s.batch, [&](int64_t b) {
    // The gradient of every normalised row is the same: it does not depend on time.
    float* row = h_grad + b * s.c;
    float row_mean = 0.0f;
#pragma omp simd reduction(+ : row_mean)
    for (int64_t i = 0; i < s.c; ++i) {
      row[i] *= w.gain[i] * share;
      row_mean += row[i];
    }
    row_mean /= channels;
    for (int64_t t = 0; t < s.length; ++t) {
      const S* x = data<const S>(d.input) + (b * s.length + t) * s.c;
      S* dx = data<S>(d.input_grad) + (b * s.length + t) * s.c;
      const float mean = saved.statistics[2 * (b * s.length + t)];
      const float reciprocal = saved.statistics[2 * (b * s.length + t) + 1];
      float along = 0.0f;
#pragma omp simd reduction(+ : along)
      for (int64_t i = 0; i < s.c; ++i) along += row[i] * (static_cast<float>(x[i]) - mean);
      along *= reciprocal * reciprocal / channels;
#pragma omp simd
      for (int64_t i = 0; i < s.c; ++i) {
        const float off = static_cast<float>(x[i]) - mean;
        assign(dx[i], reciprocal * (row[i] - row_mean) - reciprocal * along * off);
      }
    }
  });
}

}  // namespace

uint64_t pool_project_saved(const Pool&, const pcd_pool_project_desc& d) { return saved_floats(shape_of(d)) * sizeof(float); }

// Inference keeps its intermediates here; backward the gradients of p, of the hidden layer and of h.
uint64_t pool_project_workspace(const Pool&, const pcd_pool_project_desc& d) {
  const Shape s = shape_of(d);
  const uint64_t backward = static_cast<uint64_t>(s.batch * (embedding_of(d) + 2 * s.c));
  const uint64_t forward = saved_floats(s);
  return (forward > backward ? forward : backward) * sizeof(float);
}

int32_t pool_project_forward(Pool& pool, const pcd_pool_project_desc& d) {
  const Shape s = shape_of(d);
  const bool inference = (d.flags & PCD_FLAG_INFERENCE) != 0;
  const Saved saved(data<float>(inference ? d.workspace : d.saved), s);
  const Weights<const float> w(data<const float>(d.parameters), s.c, embedding_of(d));
  float* h = data<float>(d.h);
  with_storage(d.input, [&](auto type) { pool_rows<decltype(type)>(pool, d, s, w, saved); });
  if (!present(d.z)) return PCD_OK;
  float* z = data<float>(d.z);
  linear_forward(pool, {s.batch, s.c, s.c}, h, w.weight0, w.bias0, saved.hidden);
  pool.run(s.batch, [&](int64_t b) {
    for (int64_t i = 0; i < s.c; i += W) {
      const int64_t n = least(W, s.c - i), at = b * s.c + i;
      store_partial(saved.active + at, gelu(load_partial(saved.hidden + at, n)), n);
    }
  });
  linear_forward(pool, {s.batch, s.embedding, s.c}, saved.active, w.weight1, w.bias1, z);
  pool.run(s.batch, [&](int64_t b) {
    float* row = z + b * s.embedding;
    const float norm = std::fmax(std::sqrt(dot(row, row, s.embedding)), kShortest);
    saved.norm[b] = norm;
    for (int64_t i = 0; i < s.embedding; ++i) row[i] /= norm;
  });
  return PCD_OK;
}

int32_t pool_project_backward(Pool& pool, const pcd_pool_project_desc& d) {
  const Shape s = shape_of(d);
  const int64_t embedding = embedding_of(d);
  const bool accumulate = (d.flags & PCD_FLAG_ACCUMULATE) != 0;
  const Saved saved(data<float>(d.saved), s);
  const Weights<const float> w(data<const float>(d.parameters), s.c, embedding);
  const Weights<float> grad(data<float>(d.parameter_grad), s.c, embedding);
  float* p_grad = data<float>(d.workspace);
  float* hidden_grad = p_grad + s.batch * embedding;
  float* h_grad = hidden_grad + s.batch * s.c;
  if (present(d.h_grad)) {
    copy_row(data<const float>(d.h_grad), s.batch * s.c, h_grad);
  } else {
    fill_row(h_grad, s.batch * s.c, 0.0f);
  }
  if (present(d.z) && present(d.z_grad)) {
    const float* z = data<const float>(d.z);
    const float* z_grad = data<const float>(d.z_grad);
    pool.run(s.batch, [&](int64_t b) {
      const float* zb = z + b * embedding;
      const float* gb = z_grad + b * embedding;
      // A vector shorter than 1e-12 is divided by a constant: there is no component along z to remove.
      const float along = saved.norm[b] > kShortest ? dot(zb, gb, embedding) : 0.0f;
      for (int64_t i = 0; i < embedding; ++i) p_grad[b * embedding + i] = (gb[i] - along * zb[i]) / saved.norm[b];
    });
    const Linear second{s.batch, embedding, s.c}, first{s.batch, s.c, s.c};
    linear_input_grad(pool, second, p_grad, w.weight1, false, hidden_grad);
    linear_parameter_grad(pool, second, saved.active, p_grad, accumulate, grad.weight1, grad.bias1);
    pool.run(s.batch, [&](int64_t b) {
      for (int64_t i = 0; i < s.c; i += W) {
        const int64_t n = least(W, s.c - i), at = b * s.c + i;
        vf slope;
        gelu_with_derivative(load_partial(saved.hidden + at, n), slope);
        store_partial(hidden_grad + at, load_partial(hidden_grad + at, n) * slope, n);
      }
    });
    linear_input_grad(pool, first, hidden_grad, w.weight0, true, h_grad);
    linear_parameter_grad(pool, first, data<const float>(d.h), hidden_grad, accumulate, grad.weight0, grad.bias0);
  } else if (!accumulate) {
    fill_row(grad.weight0, s.c * s.c + s.c + embedding * s.c + embedding, 0.0f);
  }
  if (!accumulate) fill_row(grad.gain, 2 * s.c, 0.0f);
  for (int64_t b = 0; b < s.batch; ++b) {
#pragma omp simd
    for (int64_t i = 0; i < s.c; ++i) {
      grad.gain[i] += h_grad[b * s.c + i] * saved.centred[b * s.c + i];
      grad.shift[i] += h_grad[b * s.c + i];
    }
  }
  with_storage(d.input, [&](auto type) { unpool_rows<decltype(type)>(pool, d, s, w, saved, h_grad); });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
