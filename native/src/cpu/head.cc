// SPDX-License-Identifier: Apache-2.0
//
// head: layer norm, pointwise product C -> targets, plus the frozen linear anchor on the standardised inputs,
// in mV. Rows pass in groups that stay in the first-level cache. Forward keeps the norm's statistics.
#include <type_traits>

#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/dilated_conv.h"
#include "cpu/layout.h"
#include "cpu/norm.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"
#include "cpu/storage.h"

namespace pcd::cpu::PCD_ISA {
namespace {

struct Shape {
  int64_t batch, length, c, targets, leads;  // leads: 0 without an anchor
};

Shape shape_of(const pcd_head_desc& d) {
  const pcd_tensor& values = d.output.rank != 0 ? d.output : d.output_grad;
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], values.shape[2],
          d.anchor.rank != 0 ? d.signal.shape[2] : 0};
}

int64_t parameter_count(const Shape& s) { return 2 * s.c + s.targets * s.c + s.targets; }

// Scratch memory of one worker: groups of rows.
template <class S>
struct WorkerScratch {
  Scratch memory;
  float* normal;  // [group_rows, C]: the norm's output
  float* grad;    // its gradient, in backward
  float* input;   // BF16: the input

  WorkerScratch(float* base, const Shape& s)
      : memory(base),
        normal(memory.take(group_rows * s.c)),
        grad(memory.take(group_rows * s.c)),
        input(memory.take(std::is_same_v<S, float> ? 0 : group_rows * s.c)) {}
};

template <class S>
void forward(Pool& pool, const pcd_head_desc& desc) {
  const Shape s = shape_of(desc);
  const HeadParameters<const float> p(data<const float>(desc.parameters), s.c, s.targets);
  const PackedHead<const float> packed(data<const float>(desc.packed), s.c, s.targets);
  const S* input = data<const S>(desc.input);
  const float* signal = data<const float>(desc.signal);
  const float* anchor = data<const float>(desc.anchor);
  float* output = data<float>(desc.output);
  float* saved = (desc.flags & PCD_FLAG_INFERENCE) != 0 ? nullptr : data<float>(desc.saved);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = WorkerScratch<S>(nullptr, s).memory.used();
  float* packed_anchor = workspace + pool.threads() * scratch_floats;
  for (int64_t lead = 0; lead < s.leads; ++lead) {
    pack_row(anchor + lead, s.leads, lead, s.leads, s.targets, packed_anchor);
  }
  pool.run(s.batch, [&](int64_t window, int worker) {
    const WorkerScratch<S> scratch(workspace + worker * scratch_floats, s);
    for (int64_t t = 0; t < s.length; t += group_rows) {
      const int64_t row = window * s.length + t;
      const int64_t rows = least(group_rows, s.length - t);
      float* out = output + row * s.targets;
      norm_rows(widen(input + row * s.c, rows * s.c, scratch.input), rows, s.c, {p.gain, p.shift},
                saved == nullptr ? nullptr : saved + 2 * row, scratch.normal);
      multiply_rows({packed.weight, s.c, s.targets, p.bias, nullptr, out, s.targets}, scratch.normal, s.c, rows);
      if (s.leads != 0) {
        multiply_rows({packed_anchor, s.leads, s.targets, anchor + s.targets * s.leads, out, out, s.targets},
                      signal + row * s.leads, s.leads, rows);
      }
    }
  });
}

template <class S>
void backward(Pool& pool, const pcd_head_desc& desc) {
  const Shape s = shape_of(desc);
  const Chunks chunks(s.batch);
  const HeadParameters<const float> p(data<const float>(desc.parameters), s.c, s.targets);
  const PackedHead<const float> packed(data<const float>(desc.packed), s.c, s.targets);
  const S* input = data<const S>(desc.input);
  const float* saved = data<const float>(desc.saved);
  const float* output_grad = data<const float>(desc.output_grad);
  S* input_grad = data<S>(desc.input_grad);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = WorkerScratch<S>(nullptr, s).memory.used();
  float* partials = workspace + pool.threads() * scratch_floats;
  const int64_t partial = aligned_floats(parameter_count(s));
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    const WorkerScratch<S> scratch(workspace + worker * scratch_floats, s);
    fill_row(partials + chunk * partial, partial, 0.0f);
    const HeadParameters<float> sums(partials + chunk * partial, s.c, s.targets);
    const int64_t end = chunks.end(chunk) * s.length;
    for (int64_t row = chunks.first(chunk) * s.length; row < end; row += group_rows) {
      const int64_t rows = least(group_rows, end - row);
      const float* dy = output_grad + row * s.targets;
      multiply_rows({packed.transposed, s.targets, s.c, nullptr, nullptr, scratch.grad, s.c}, dy, s.targets,
                    rows);
      float* dx = place(input_grad + row * s.c, scratch.grad);
      norm_rows_backward(widen(input + row * s.c, rows * s.c, scratch.input), saved + 2 * row, scratch.grad, rows,
                         s.c, {p.gain, p.shift}, {sums.gain, sums.shift, nullptr}, scratch.normal, dx);
      narrow(dx, rows * s.c, input_grad + row * s.c);
      outer_product({dy, s.targets, s.targets, scratch.normal, s.c, s.c, rows, sums.weight, s.c, true});
      add_rows(dy, rows, s.targets, sums.bias);
    }
  });
  add_partials(partials, partial, chunks.count, parameter_count(s));
  write_gradient(partials, parameter_count(s), (desc.flags & PCD_FLAG_ACCUMULATE) != 0,
                 data<float>(desc.parameter_grad), 1);
}

}  // namespace

uint64_t head_saved(const Pool&, const pcd_head_desc& desc) {
  if ((desc.flags & PCD_FLAG_INFERENCE) != 0) return 0;
  const Shape s = shape_of(desc);
  return static_cast<uint64_t>(2 * s.batch * s.length) * sizeof(float);
}

uint64_t head_workspace(const Pool& pool, const pcd_head_desc& desc) {
  const Shape s = shape_of(desc);
  const int64_t forward_floats = packed_values(s.leads, s.targets);
  const int64_t backward_floats = Chunks(s.batch).count * aligned_floats(parameter_count(s));
  const int64_t worker =
      with_storage(desc.input, [&](auto type) { return WorkerScratch<decltype(type)>(nullptr, s).memory.used(); });
  return static_cast<uint64_t>(pool.threads() * worker + greatest(forward_floats, backward_floats)) * sizeof(float);
}

int32_t head_forward(Pool& pool, const pcd_head_desc& desc) {
  with_storage(desc.input, [&](auto type) { forward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

int32_t head_backward(Pool& pool, const pcd_head_desc& desc) {
  with_storage(desc.input, [&](auto type) { backward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
