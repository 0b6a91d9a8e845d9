// SPDX-License-Identifier: Apache-2.0
//
// stem: convolution over time with 7 taps, leads -> C. In a copy of the window with three rows of zeros at
// either end, the 7·n values that row t needs lie side by side: the convolution is one matrix product whose
// rows overlap.
#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/layout.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t reach = stem_taps / 2;
constexpr int64_t block_rows = 64;  // rows of a weight gradient's product that stay in the first-level cache

struct Shape {
  int64_t batch, length, leads, c;
  int64_t taps() const { return stem_taps * leads; }
};

Shape shape_of(const pcd_stem_desc& d) {
  const pcd_tensor& activations = d.output.rank != 0 ? d.output : d.output_grad;
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], activations.shape[2]};
}

int64_t padded_floats(const Shape& s) { return aligned_floats((s.length + 2 * reach) * s.leads); }

// Partial gradients of a chunk: weight [7·n (tap-major), C], bias [C].
int64_t partial_floats(const Shape& s) { return aligned_floats((s.taps() + 1) * s.c); }

void pad(const Shape& s, const float* window, float* padded) {
  fill_row(padded, reach * s.leads, 0.0f);
  copy_row(window, s.length * s.leads, padded + reach * s.leads);
  fill_row(padded + (reach + s.length) * s.leads, reach * s.leads, 0.0f);
}

}  // namespace

uint64_t stem_workspace(const Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  const int64_t floats = pool.threads() * padded_floats(s) + Chunks(s.batch).count * partial_floats(s);
  return static_cast<uint64_t>(floats) * sizeof(float);
}

int32_t stem_forward(Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  const float* bias = data<const float>(desc.parameters) + s.c * s.taps();
  const float* packed = data<const float>(desc.packed);
  const float* input = data<const float>(desc.input);
  float* output = data<float>(desc.output);
  float* workspace = data<float>(desc.workspace);
  pool.run(s.batch, [&](int64_t window, int worker) {
    float* padded = workspace + worker * padded_floats(s);
    pad(s, input + window * s.length * s.leads, padded);
    multiply_rows({packed, s.taps(), s.c, bias, nullptr, output + window * s.length * s.c, s.c}, padded,
                  s.leads, s.length);
  });
  return PCD_OK;
}

int32_t stem_backward(Pool& pool, const pcd_stem_desc& desc) {
  const Shape s = shape_of(desc);
  const Chunks chunks(s.batch);
  const float* input = data<const float>(desc.input);
  const float* output_grad = data<const float>(desc.output_grad);
  float* workspace = data<float>(desc.workspace);
  float* partials = workspace + pool.threads() * padded_floats(s);
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    float* padded = workspace + worker * padded_floats(s);
    float* weight = partials + chunk * partial_floats(s);
    float* bias = weight + s.taps() * s.c;
    fill_row(weight, partial_floats(s), 0.0f);
    for (int64_t window = chunks.first(chunk); window < chunks.end(chunk); ++window) {
      pad(s, input + window * s.length * s.leads, padded);
      const float* dy = output_grad + window * s.length * s.c;
      for (int64_t t = 0; t < s.length; t += block_rows) {
        const int64_t rows = least(block_rows, s.length - t);
        outer_product(padded + t * s.leads, s.leads, s.taps(), dy + t * s.c, s.c, s.c, rows, weight, s.c,
                      true);
        add_rows(dy + t * s.c, rows, s.c, bias);
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
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
