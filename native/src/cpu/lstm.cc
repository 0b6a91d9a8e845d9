// SPDX-License-Identifier: Apache-2.0
//
// lstm. A group of windows goes through time together, so that a step is one matrix product of as many rows; groups and
// directions share nothing and are what threads take. Forward keeps the gates' values and the cells. Backward first
// takes each group back through time, which leaves the gradients of the gates' sums; what remains are products over all
// rows at once.
#include <cstdint>

#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/gemm.h"
#include "cpu/math.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t group_windows = 8;
constexpr int64_t block_rows = 64;    // rows of an outer product that stay in the first-level cache
constexpr int64_t sum_floats = 4096;  // partial sums that one chunk of work adds up

struct Shape {
  int64_t batch, length, channels, hidden, directions;

  explicit Shape(const pcd_lstm_desc& d)
      : batch(d.input.shape[0]), length(d.input.shape[1]), channels(d.input.shape[2]),
        hidden(d.output.shape[2] / d.directions), directions(d.directions) {}
  int64_t gates() const { return 4 * hidden; }
  int64_t outputs() const { return directions * hidden; }
  int64_t parameters() const { return gates() * (channels + hidden + 2); }  // of one direction
  int64_t rows() const { return batch * length; }
  int64_t groups() const { return (batch + group_windows - 1) / group_windows; }
};

// Parameters of one direction, or their gradients.
template <class T>
struct Parameters {
  T* weight;           // [4H, C]
  T* recurrence;       // [4H, H]
  T* weight_bias;      // [4H]
  T* recurrence_bias;  // [4H]

  Parameters(T* all, const Shape& s, int64_t direction)
      : weight(all + direction * s.parameters()),
        recurrence(weight + s.gates() * s.channels),
        weight_bias(recurrence + s.gates() * s.hidden),
        recurrence_bias(weight_bias + s.gates()) {}
};

// What backward needs, of each direction: the gates' values [B, L, 4H] and the cells [B, L, H].
struct Kept {
  Scratch memory;
  float* gates[2] = {};
  float* cells[2] = {};

  Kept(float* base, const Shape& s) : memory(base) {
    for (int64_t d = 0; d < s.directions; ++d) {
      gates[d] = memory.take(s.rows() * s.gates());
      cells[d] = memory.take(s.rows() * s.hidden);
    }
  }
};

// Packed matrices and the sum of both biases.
struct ForwardScratch {
  Scratch memory;
  float* weight[2] = {};      // [C, 4H]
  float* recurrence[2] = {};  // [H, 4H]
  float* bias[2] = {};
  float* kept;  // in inference

  ForwardScratch(float* base, const Shape& s, bool inference) : memory(base) {
    for (int64_t d = 0; d < s.directions; ++d) {
      weight[d] = memory.take(packed_values(s.channels, s.gates()));
      recurrence[d] = memory.take(packed_values(s.hidden, s.gates()));
      bias[d] = memory.take(s.gates());
    }
    kept = memory.take(inference ? Kept(nullptr, s).memory.used() : 0);
  }
};

struct BackwardScratch {
  Scratch memory;
  float* weight[2] = {};      // [4H, C]
  float* recurrence[2] = {};  // [4H, H]
  float* sum_grad[2] = {};    // [B, L, 4H]
  float* state_grad;          // [groups, D, 2, group_windows, H]: of h, of c
  float* partials;            // [groups, D, parameters with one bias]

  BackwardScratch(float* base, const Shape& s) : memory(base) {
    for (int64_t d = 0; d < s.directions; ++d) {
      weight[d] = memory.take(packed_values(s.gates(), s.channels));
      recurrence[d] = memory.take(packed_values(s.gates(), s.hidden));
      sum_grad[d] = memory.take(s.rows() * s.gates());
    }
    state_grad = memory.take(s.groups() * s.directions * 2 * group_windows * s.hidden);
    partials = memory.take(s.groups() * partial_stride(s));
  }
  static int64_t direction_floats(const Shape& s) { return aligned_floats(s.parameters() - s.gates()); }
  static int64_t partial_stride(const Shape& s) { return s.directions * direction_floats(s); }
};

// [k, columns] as panels of weight [columns, k].
void pack_transposed(const float* weight, int64_t k, int64_t columns, float* packed) {
  for (int64_t row = 0; row < k; ++row) pack_row(weight + row, k, row, k, columns, packed);
}

// [k, columns] as panels of weight [k, columns].
void pack(const float* weight, int64_t k, int64_t columns, float* packed) {
  for (int64_t row = 0; row < k; ++row) pack_row(weight + row * columns, 1, row, k, columns, packed);
}

PCD_INLINE vf tanh(vf x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

// The windows of one group in one direction. Step 0 is the first of the direction.
struct Group {
  int64_t first, windows;
  bool reversed;
  int64_t length;

  Group(const Shape& s, int64_t group, int64_t direction)
      : first(group * group_windows), windows(least(group_windows, s.batch - first)), reversed(direction == 1),
        length(s.length) {}
  int64_t time(int64_t step) const { return reversed ? length - 1 - step : step; }
  int64_t row(int64_t window, int64_t step) const { return (first + window) * length + time(step); }
};

// sums [4H] become the gates' values; c and h of the step follow. `before`: c of the step before, or null.
void advance(int64_t hidden, float* sums, const float* before, float* c, float* h) {
  each_vector(hidden, [&](int64_t k, int64_t n) PCD_INLINE_LAMBDA {
    const vf i = sigmoid(load_partial(sums + k, n));
    const vf f = sigmoid(load_partial(sums + hidden + k, n));
    const vf g = tanh(load_partial(sums + 2 * hidden + k, n));
    const vf o = sigmoid(load_partial(sums + 3 * hidden + k, n));
    const vf past = before == nullptr ? zero() : load_partial(before + k, n);
    const vf cell = fma(f, past, i * g);
    store_partial(sums + k, i, n);
    store_partial(sums + hidden + k, f, n);
    store_partial(sums + 2 * hidden + k, g, n);
    store_partial(sums + 3 * hidden + k, o, n);
    store_partial(c + k, cell, n);
    store_partial(h + k, o * tanh(cell), n);
  });
}

// sum_grad [4H] from the gates, the cells and the gradients of h (of the output and of the step after) and c; that of
// c becomes that of the step before.
void retreat(int64_t hidden, const float* gates, const float* before, const float* c, const float* output_grad,
             const float* h_grad, float* c_grad, float* sum_grad) {
  each_vector(hidden, [&](int64_t k, int64_t n) PCD_INLINE_LAMBDA {
    const vf i = load_partial(gates + k, n);
    const vf f = load_partial(gates + hidden + k, n);
    const vf g = load_partial(gates + 2 * hidden + k, n);
    const vf o = load_partial(gates + 3 * hidden + k, n);
    const vf past = before == nullptr ? zero() : load_partial(before + k, n);
    const vf active = tanh(load_partial(c + k, n));
    const vf dh = load_partial(output_grad + k, n) + load_partial(h_grad + k, n);
    const vf dc = fma(dh * o, 1.0f - active * active, load_partial(c_grad + k, n));
    store_partial(sum_grad + k, dc * g * i * (1.0f - i), n);
    store_partial(sum_grad + hidden + k, dc * past * f * (1.0f - f), n);
    store_partial(sum_grad + 2 * hidden + k, dc * i * (1.0f - g * g), n);
    store_partial(sum_grad + 3 * hidden + k, dh * active * o * (1.0f - o), n);
    store_partial(c_grad + k, dc * f, n);
  });
}

void forward_group(const Shape& s, const Group& group, const float* input, const float* weight,
                   const float* recurrence, const float* bias, float* gates, float* cells, float* output) {
  const int64_t H = s.hidden;
  for (int64_t w = 0; w < group.windows; ++w) {
    const int64_t row = (group.first + w) * s.length;
    multiply_rows({weight, s.channels, s.gates(), bias, nullptr, gates + row * s.gates(), s.gates()},
                  input + row * s.channels, s.channels, s.length);
  }
  for (int64_t step = 0; step < s.length; ++step) {
    const int64_t row = group.row(0, step);
    if (step != 0) {
      float* sums = gates + row * s.gates();
      multiply_rows({recurrence, H, s.gates(), nullptr, sums, sums, s.length * s.gates()},
                    output + group.row(0, step - 1) * s.outputs(), s.length * s.outputs(), group.windows);
    }
    for (int64_t w = 0; w < group.windows; ++w) {
      const int64_t at = group.row(w, step);
      advance(H, gates + at * s.gates(), step == 0 ? nullptr : cells + group.row(w, step - 1) * H, cells + at * H,
              output + at * s.outputs());
    }
  }
}

void backward_group(const Shape& s, const Group& group, const float* recurrence, const float* gates,
                    const float* cells, const float* output_grad, float* h_grad, float* c_grad, float* sum_grad) {
  const int64_t H = s.hidden;
  fill_row(h_grad, group_windows * H, 0.0f);
  fill_row(c_grad, group_windows * H, 0.0f);
  for (int64_t step = s.length - 1; step >= 0; --step) {
    for (int64_t w = 0; w < group.windows; ++w) {
      const int64_t at = group.row(w, step);
      retreat(H, gates + at * s.gates(), step == 0 ? nullptr : cells + group.row(w, step - 1) * H, cells + at * H,
              output_grad + at * s.outputs(), h_grad + w * H, c_grad + w * H, sum_grad + at * s.gates());
    }
    if (step != 0) {
      multiply_rows({recurrence, s.gates(), H, nullptr, nullptr, h_grad, H},
                    sum_grad + group.row(0, step) * s.gates(), s.length * s.gates(), group.windows);
    }
  }
}

// c [m, n] += Σ over rows of a[·, m]·b[·, n]
void add_products(const float* a, int64_t m, const float* b, int64_t b_stride, int64_t n, int64_t rows, float* c) {
  for (int64_t t = 0; t < rows; t += block_rows) {
    outer_product({a + t * m, m, m, b + t * b_stride, b_stride, n, least(block_rows, rows - t), c, n, true});
  }
}

// What a window adds to the gradients of one direction's parameters.
void add_gradients(const Shape& s, bool reversed, const float* x, const float* output, const float* sum_grad,
                   const Parameters<float>& sums) {
  add_products(sum_grad, s.gates(), x, s.channels, s.channels, s.length, sums.weight);
  // A step meets the output of the step before, one row up or down.
  const float* later = reversed ? sum_grad : sum_grad + s.gates();
  const float* earlier = reversed ? output + s.outputs() : output;
  add_products(later, s.gates(), earlier, s.outputs(), s.hidden, s.length - 1, sums.recurrence);
  add_rows(sum_grad, s.length, s.gates(), sums.weight_bias);
}

}  // namespace

uint64_t lstm_saved(const Pool&, const pcd_lstm_desc& d) { return Kept(nullptr, Shape(d)).memory.bytes(); }

uint64_t lstm_workspace(const Pool&, const pcd_lstm_desc& d) {
  const Shape s(d);
  const bool inference = (d.flags & PCD_FLAG_INFERENCE) != 0;
  const uint64_t forward = ForwardScratch(nullptr, s, inference).memory.bytes();
  const uint64_t backward = inference ? 0 : BackwardScratch(nullptr, s).memory.bytes();
  return forward > backward ? forward : backward;
}

int32_t lstm_forward(Pool& pool, const pcd_lstm_desc& desc) {
  const Shape s(desc);
  const bool inference = (desc.flags & PCD_FLAG_INFERENCE) != 0;
  const ForwardScratch scratch(data<float>(desc.workspace), s, inference);
  const Kept kept(inference ? scratch.kept : data<float>(desc.saved), s);
  pool.run(s.directions, [&](int64_t d) {
    const Parameters<const float> p(data<const float>(desc.parameters), s, d);
    pack_transposed(p.weight, s.channels, s.gates(), scratch.weight[d]);
    pack_transposed(p.recurrence, s.hidden, s.gates(), scratch.recurrence[d]);
    for (int64_t k = 0; k < s.gates(); ++k) scratch.bias[d][k] = p.weight_bias[k] + p.recurrence_bias[k];
  });
  pool.run(s.groups() * s.directions, [&](int64_t item) {
    const int64_t d = item % s.directions;
    forward_group(s, Group(s, item / s.directions, d), data<const float>(desc.input), scratch.weight[d],
                  scratch.recurrence[d], scratch.bias[d], kept.gates[d], kept.cells[d],
                  data<float>(desc.output) + d * s.hidden);
  });
  return PCD_OK;
}

int32_t lstm_backward(Pool& pool, const pcd_lstm_desc& desc) {
  const Shape s(desc);
  const BackwardScratch scratch(data<float>(desc.workspace), s);
  const Kept kept(data<float>(desc.saved), s);
  pool.run(s.directions, [&](int64_t d) {
    const Parameters<const float> p(data<const float>(desc.parameters), s, d);
    pack(p.weight, s.gates(), s.channels, scratch.weight[d]);
    pack(p.recurrence, s.gates(), s.hidden, scratch.recurrence[d]);
  });
  pool.run(s.groups() * s.directions, [&](int64_t item) {
    const int64_t d = item % s.directions;
    float* h_grad = scratch.state_grad + item * 2 * group_windows * s.hidden;
    backward_group(s, Group(s, item / s.directions, d), scratch.recurrence[d], kept.gates[d], kept.cells[d],
                   data<const float>(desc.output_grad) + d * s.hidden, h_grad, h_grad + group_windows * s.hidden,
                   scratch.sum_grad[d]);
  });
  const float* input = data<const float>(desc.input);
  const float* output = data<const float>(desc.output);
  float* input_grad = data<float>(desc.input_grad);
  const int64_t stride = BackwardScratch::partial_stride(s);
  pool.run(s.groups(), [&](int64_t index) {
    float* sums = scratch.partials + index * stride;
    fill_row(sums, stride, 0.0f);
    const Group group(s, index, 0);
    for (int64_t w = 0; w < group.windows; ++w) {
      const int64_t row = group.row(w, 0);
      for (int64_t d = 0; d < s.directions; ++d) {
        const float* sum_grad = scratch.sum_grad[d] + row * s.gates();
        float* dx = input_grad + row * s.channels;
        multiply_rows({scratch.weight[d], s.gates(), s.channels, nullptr, d == 0 ? nullptr : dx, dx, s.channels},
                      sum_grad, s.gates(), s.length);
        const Parameters<float> gradients(sums + d * BackwardScratch::direction_floats(s), s, 0);
        add_gradients(s, d == 1, input + row * s.channels, output + row * s.outputs() + d * s.hidden, sum_grad,
                      gradients);
      }
    }
  });
  pool.run((stride + sum_floats - 1) / sum_floats, [&](int64_t piece) {
    const int64_t first = piece * sum_floats;
    add_partials(scratch.partials + first, stride, s.groups(), least(sum_floats, stride - first));
  });
  const bool accumulate = (desc.flags & PCD_FLAG_ACCUMULATE) != 0;
  for (int64_t d = 0; d < s.directions; ++d) {
    const float* sums = scratch.partials + d * BackwardScratch::direction_floats(s);
    const Parameters<float> out(data<float>(desc.parameter_grad), s, d);
    const int64_t matrices = s.gates() * (s.channels + s.hidden);
    write_gradient(sums, matrices + s.gates(), accumulate, out.weight, 1);
    write_gradient(sums + matrices, s.gates(), accumulate, out.recurrence_bias, 1);  // both biases have one gradient
  }
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
