// SPDX-License-Identifier: Apache-2.0
//
// stem: convolution over time with 7 taps, leads -> C. In a copy of the window with three rows of zeros at
// either end, the 7·n values that row t needs lie side by side: the convolution is one matrix product whose
// rows overlap.
#include <type_traits>

#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/layout.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"
#include "cpu/storage.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t reach = stem_taps / 2;
constexpr int64_t block_rows = 64;  // rows that pass through a product while they stay in the first-level cache

struct Shape {
  int64_t batch, length, leads, c;
  int64_t taps() const { return stem_taps * leads; }
};

const pcd_tensor& activations_of(const pcd_stem_desc& d) {
  return d.output.rank != 0 ? d.output : d.output_grad;
}

Shape shape_of(const pcd_stem_desc& d) {
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], activations_of(d).shape[2]};
}

// Scratch memory of one worker.
template <class S>
struct WorkerScratch {
  Scratch memory;
  float* padded;  // [L + 6, n]
  float* rows;    // [block_rows, C], BF16

  WorkerScratch(float* base, const Shape& s)
      : memory(base),
        padded(memory.take((s.length + 2 * reach) * s.leads)),
        rows(memory.take(std::is_same_v<S, float> ? 0 : block_rows * s.c)) {}
};

// Partial gradients of a chunk: weight [7·n (tap-major), C], bias [C].
int64_t partial_floats(const Shape& s) { return aligned_floats((s.taps() + 1) * s.c); }

void pad(const Shape& s, const float* window, float* padded) {
  fill_row(padded, reach * s.leads, 0.0f);
  copy_row(window, s.length * s.leads, padded + reach * s.leads);
  fill_row(padded + (reach + s.length) * s.leads, reach * s.leads, 0.0f);
}

template <class S>
void forward(Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  const float* bias = data<const float>(desc.parameters) + s.c * s.taps();
  const float* packed = data<const float>(desc.packed);
  const float* input = data<const float>(desc.input);
  S* output = data<S>(desc.output);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = WorkerScratch<S>(nullptr, s).memory.used();
  pool.run(s.batch, [&](int64_t window, int worker) {
    const WorkerScratch<S> scratch(workspace + worker * scratch_floats, s);
    pad(s, input + window * s.length * s.leads, scratch.padded);
    for (int64_t t = 0; t < s.length; t += block_rows) {
      const int64_t rows = least(block_rows, s.length - t);
      S* y = output + (window * s.length + t) * s.c;
      float* values = place(y, scratch.rows);
      multiply_rows({packed, s.taps(), s.c, bias, nullptr, values, s.c}, scratch.padded + t * s.leads, s.leads,
                    rows);
      narrow(values, rows * s.c, y);
    }
  });
}

template <class S>
void backward(Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  const Chunks chunks(s.batch);
  const float* input = data<const float>(desc.input);
  const S* output_grad = data<const S>(desc.output_grad);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = WorkerScratch<S>(nullptr, s).memory.used();
  float* partials = workspace + pool.threads() * scratch_floats;
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    const WorkerScratch<S> scratch(workspace + worker * scratch_floats, s);
    float* weight = partials + chunk * partial_floats(s);
    float* bias = weight + s.taps() * s.c;
    fill_row(weight, partial_floats(s), 0.0f);
    for (int64_t window = chunks.first(chunk); window < chunks.end(chunk); ++window) {
      pad(s, input + window * s.length * s.leads, scratch.padded);
      for (int64_t t = 0; t < s.length; t += block_rows) {
        const int64_t rows = least(block_rows, s.length - t);
        const float* dy = widen(output_grad + (window * s.length + t) * s.c, rows * s.c, scratch.rows);
        outer_product({scratch.padded + t * s.leads, s.leads, s.taps(), dy, s.c, s.c, rows, weight, s.c, true});
        add_rows(dy, rows, s.c, bias);
      }
    }
  });
  add_partials(partials, partial_floats(s), chunks.count, (s.taps() + 1) * s.c);
  const bool accumulate = (desc.flags & PCD_FLAG_ACCUMULATE) != 0;
  float* gradient = data<float>(desc.parameter_grad);
  for (int64_t tap = 0; tap < stem_taps; ++tap) {
    for (int64_t lead = 0; lead < s.leads; ++lead) {
      write_gradient(partials + (tap * s.leads + lead) * s.c, s.c, accumulate,
                     gradient + lead * stem_taps + tap, s.taps());
    }
  }
  write_gradient(partials + s.taps() * s.c, s.c, accumulate, gradient + s.taps() * s.c, 1);
}

}  // namespace

uint64_t stem_workspace(const Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  return with_storage(activations_of(desc), [&](auto type) {
    const int64_t worker = WorkerScratch<decltype(type)>(nullptr, s).memory.used();
    const int64_t floats = pool.threads() * worker + Chunks(s.batch).count * partial_floats(s);
    return static_cast<uint64_t>(floats) * sizeof(float);
  });
}

int32_t stem_forward(Pool& pool, const pcd_stem_desc& desc) {
  with_storage(desc.output, [&](auto type) { forward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

int32_t stem_backward(Pool& pool, const pcd_stem_desc& desc) {
  with_storage(desc.output_grad, [&](auto type) { backward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
