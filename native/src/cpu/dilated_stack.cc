// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack: blocks x <- x + Pointwise(GELU(LN(DilatedConv_d(x)))), forward and backward.
//
// A window passes through all blocks before the next window starts, so that its activations stay in the
// second-level cache; within a block, groups of rows pass through convolution, norm, GELU and pointwise
// product while they are in the first-level cache. Forward keeps, for each block, the convolution's output,
// the norm's statistics and the block's output; GELU(LN(u)) is computed again in backward, which is cheaper
// than to read it.
//
// With BF16 storage a window is widened when it enters and rounded when it leaves; between blocks and within them
// everything is fp32, so that roundings do not add up over blocks, except that products take their operands in fixed
// point. What backward reads is kept in BF16.
#include <type_traits>

#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/dilated_conv.h"
#include "cpu/layout.h"
#include "cpu/norm.h"
#include "cpu/operands.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"
#include "cpu/storage.h"

namespace pcd::cpu::PCD_ISA {
namespace {

struct Shape {
  int64_t batch, length, c, blocks;
  int64_t window() const { return length * c; }
};

Shape shape_of(const pcd_dilated_stack_desc& d) {
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], d.blocks};
}

// Room that only BF16 storage needs.
template <class S>
constexpr int64_t only_bf16(int64_t values) {
  return std::is_same_v<S, float> ? 0 : values;
}

// What forward keeps of one window and block. The last block's output is the op's output.
template <class S>
struct Kept {
  Scratch memory;
  S* conv;            // [L, C]
  float* statistics;  // [L, 2]
  float* magnitude;   // [1], with BF16: of the block's input
  S* output;          // [L, C]

  Kept(float* base, const Shape& s)
      : memory(base),
        conv(memory.take_as<S>(s.window())),
        statistics(memory.take(2 * s.length)),
        magnitude(memory.take(only_bf16<S>(1))),
        output(memory.take_as<S>(s.window())) {}
  Kept(float* saved, const Shape& s, int64_t window, int64_t block)
      : Kept(saved + (window * s.blocks + block) * count(s), s) {}
  static int64_t count(const Shape& s) { return Kept(nullptr, s).memory.used(); }
};

// Scratch memory of one worker in forward.
template <class S>
struct ForwardScratch {
  using Operand = OperandOf<S>;
  Scratch memory;
  float* window;  // [L, C]: every other block's output, in inference and with BF16
  float* other;   // [L, C]: the others', with BF16
  float* conv;    // [group_rows, C], in inference and with BF16
  float* active;  // [group_rows, C]
  Operand* edges;
  Operand* input_operand;   // [L, C], with BF16
  Operand* active_operand;  // [group_rows, C], with BF16

  ForwardScratch(float* base, const Shape& s)
      : memory(base),
        window(memory.take(s.window())),
        other(memory.take(only_bf16<S>(s.window()))),
        conv(memory.take(group_rows * s.c)),
        active(memory.take(group_rows * s.c)),
        edges(memory.take_as<Operand>(DilatedConv<Operand>::edge_values(factor_stride<Operand>(s.c)))),
        input_operand(memory.take_as<Operand>(only_bf16<S>(s.length * even(s.c)))),
        active_operand(memory.take_as<Operand>(only_bf16<S>(group_rows * even(s.c)))) {}
};

// Scratch memory of one worker in backward.
template <class S>
struct BackwardScratch {
  using Operand = OperandOf<S>;
  Scratch memory;
  float* conv_grad;  // [L, C]
  float* grad;       // [L, C], with BF16: the gradient that passes through the blocks
  float* conv;       // [group_rows, C], with BF16
  float* active;     // [group_rows, C]: gradient of GELU's output, then that output
  Operand* edges;
  Operand* grad_operand;  // with BF16: operands of one product at a time
  Operand* grad_pairs;
  Operand* input_pairs;

  BackwardScratch(float* base, const Shape& s)
      : memory(base),
        conv_grad(memory.take(s.window())),
        grad(memory.take(only_bf16<S>(s.window()))),
        conv(memory.take(only_bf16<S>(group_rows * s.c))),
        active(memory.take(group_rows * s.c)),
        edges(memory.take_as<Operand>(DilatedConv<Operand>::edge_values(factor_stride<Operand>(s.c)))),
        grad_operand(memory.take_as<Operand>(only_bf16<S>(s.length * even(s.c)))),
        grad_pairs(memory.take_as<Operand>(only_bf16<S>(summand_values(s.length, s.c)))),
        input_pairs(memory.take_as<Operand>(only_bf16<S>(summand_values(s.length, s.c)))) {}
};

// Partial gradients of one chunk: as the parameters, but conv as [3, C out, C in].
int64_t partial_floats(const Shape& s) {
  return aligned_floats(s.blocks * BlockParameters<float>::count(s.c));
}

// y = block(x); what is kept goes to `kept` (null: nothing) and y once more to `stored` (null: it is not stored, or
// y is its place). `magnitude` is x's and becomes y's.
template <class S>
void block_forward(const Shape& s, int64_t dilation, const BlockParameters<const float>& p,
                   const PackedBlock<const OperandOf<S>>& packed, const float* x, const ForwardScratch<S>& scratch,
                   const Kept<S>* kept, Magnitude<OperandOf<S>>& magnitude, float* y, S* stored, Ahead& ahead) {
  using T = OperandOf<S>;
  const auto x_scale = magnitude.scale();
  if (kept != nullptr) magnitude.keep(kept->magnitude);
  magnitude = {};
  const Factor<T> input = factor(x, s.length, s.c, x_scale, scratch.input_operand);
  const int64_t k = input.stride;
  DilatedConv<T> conv(input.rows, s.length, k, -dilation, scratch.edges);
  while (conv.next()) {
    const int64_t first = conv.first_row();
    const int64_t rows = conv.end_row() - first;
    float* u = kept == nullptr ? scratch.conv : place(kept->conv + first * s.c, scratch.conv);
    multiply({packed.conv, 3 * k, s.c, p.conv_bias, nullptr, u, s.c, &ahead, x_scale.scale * packed.conv_scale()},
             conv.tiles(), conv.count());
    norm_gelu_rows<S>(u, rows, s.c, {p.gain, p.shift}, kept == nullptr ? nullptr : kept->statistics + 2 * first,
                   scratch.active);
    if (kept != nullptr) narrow(u, rows * s.c, kept->conv + first * s.c);
    const auto scale = scale_of<T>(scratch.active, rows * s.c);
    const Factor<T> active = factor(scratch.active, rows, s.c, scale, scratch.active_operand);
    multiply_rows({packed.pointwise, k, s.c, p.pointwise_bias, x + first * s.c, y + first * s.c, s.c, nullptr,
                   scale.scale * packed.pointwise_scale()},
                  active.rows, k, rows);
    magnitude.add(y + first * s.c, rows * s.c);
    if (stored != nullptr) narrow(y + first * s.c, rows * s.c, stored + first * s.c);
  }
}

// One window and block: adds to the parameters' partial gradients (writes them when `fresh`) and turns dy
// into dx, which may be the same memory.
template <class S>
void block_backward(const Shape& s, int64_t dilation, const BlockParameters<const float>& p,
                    const PackedBlock<const OperandOf<S>>& packed, const S* x, const Kept<S>& kept,
                    const float* dy, const BackwardScratch<S>& scratch, bool fresh,
                    const BlockParameters<float>& gradient, float* dx, Ahead& ahead) {
  using T = OperandOf<S>;
  const int64_t k = factor_stride<T>(s.c);
  if (fresh) {
    fill_row(gradient.conv_bias, 3 * s.c, 0.0f);  // and gain and shift
    fill_row(gradient.pointwise_bias, s.c, 0.0f);
  }
  Magnitude<T> conv_grad_magnitude;
  for (int64_t t = 0; t < s.length; t += group_rows) {
    const int64_t rows = least(group_rows, s.length - t);
    const float* dy_rows = dy + t * s.c;
    const auto dy_scale = scale_of<T>(dy_rows, rows * s.c);
    const Operands<T> grad = operands(dy_rows, rows, s.c, dy_scale, scratch.grad_operand, scratch.grad_pairs);
    multiply_rows({packed.pointwise_transposed, k, s.c, nullptr, nullptr, scratch.active, s.c, nullptr,
                   dy_scale.scale * packed.pointwise_scale()},
                  grad.factor.rows, k, rows);
    norm_gelu_rows_backward<S>(widen(kept.conv + t * s.c, rows * s.c, scratch.conv), kept.statistics + 2 * t,
                            scratch.active, rows, s.c, {p.gain, p.shift},
                            {gradient.gain, gradient.shift, gradient.conv_bias}, scratch.active,
                            scratch.conv_grad + t * s.c);
    conv_grad_magnitude.add(scratch.conv_grad + t * s.c, rows * s.c);
    const auto scale = scale_of<T>(scratch.active, rows * s.c);
    add_outer(grad.summand, summand(scratch.active, rows, s.c, false, scale, scratch.input_pairs), rows, s.c, 0,
              fresh && t == 0, gradient.pointwise);
    add_rows(dy_rows, rows, s.c, gradient.pointwise_bias);
  }
  const auto scale = conv_grad_magnitude.scale();
  const Operands<T> grad =
      operands(scratch.conv_grad, s.length, s.c, scale, scratch.grad_operand, scratch.grad_pairs);
  const Summand<T> input = summand(x, s.length, s.c, dilation % 2 != 0,
                                   Magnitude<T>::kept(kept.magnitude).scale(), scratch.input_pairs);
  for (int64_t tap = 0; tap < 3; ++tap) {
    add_outer(grad.summand, input, s.length, s.c, (tap - 1) * dilation, fresh, gradient.conv + tap * s.c * s.c);
  }
  DilatedConv<T> transposed(grad.factor.rows, s.length, k, dilation, scratch.edges);
  while (transposed.next()) {
    const int64_t at = transposed.first_row() * s.c;
    multiply({packed.conv_transposed, 3 * k, s.c, nullptr, dy + at, dx + at, s.c, &ahead,
              scale.scale * packed.conv_scale()},
             transposed.tiles(), transposed.count());
  }
}

// Adds the chunks' partial gradients and brings them into the parameters' order.
void reduce(Pool& pool, const Shape& s, float* partials, int64_t chunks, bool accumulate, float* gradient) {
  const int64_t stride = partial_floats(s);
  const int64_t c = s.c;
  constexpr int64_t rows = 8;
  const int64_t pieces = (c + rows - 1) / rows;
  pool.run(s.blocks * pieces, [&](int64_t job) {
    const int64_t block = job / pieces;
    const int64_t first = job % pieces * rows;
    const int64_t end = least(first + rows, c);
    const BlockParameters<float> sums(partials, block, c);
    const BlockParameters<float> out(gradient, block, c);
    for (int64_t tap = 0; tap < 3; ++tap) {
      float* matrix = sums.conv + tap * c * c;
      add_partials(matrix + first * c, stride, chunks, (end - first) * c);
      for (int64_t o = first; o < end; ++o) {
        write_gradient(matrix + o * c, c, accumulate, out.conv + o * c * 3 + tap, 3);
      }
    }
    add_partials(sums.pointwise + first * c, stride, chunks, (end - first) * c);
    write_gradient(sums.pointwise + first * c, (end - first) * c, accumulate, out.pointwise + first * c, 1);
    if (first != 0) return;
    add_partials(sums.conv_bias, stride, chunks, 3 * c);
    write_gradient(sums.conv_bias, 3 * c, accumulate, out.conv_bias, 1);
    add_partials(sums.pointwise_bias, stride, chunks, c);
    write_gradient(sums.pointwise_bias, c, accumulate, out.pointwise_bias, 1);
  });
}

template <class S>
int64_t workspace_floats(const Pool& pool, const Shape& s, bool inference) {
  const int64_t forward_floats = pool.threads() * ForwardScratch<S>(nullptr, s).memory.used();
  if (inference) return forward_floats;
  const int64_t backward_floats = pool.threads() * BackwardScratch<S>(nullptr, s).memory.used() +
                                  Chunks(s.batch).count * partial_floats(s);
  return greatest(forward_floats, backward_floats);
}

// Where the blocks of one window compute their outputs. Floats: where the output is stored; in inference every
// other block writes the op's output, the last one included.
inline float* block_output(const ForwardScratch<float>& scratch, const Kept<float>* kept, bool odd, float* stored) {
  if (kept != nullptr) return stored;
  return odd ? scratch.window : stored;
}
inline float* block_output(const ForwardScratch<Bf16>& scratch, const Kept<Bf16>*, bool odd, Bf16*) {
  return odd ? scratch.window : scratch.other;
}

template <class S>
void forward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  const Shape s = shape_of(desc);
  const bool inference = (desc.flags & PCD_FLAG_INFERENCE) != 0;
  const S* input = data<const S>(desc.input);
  const float* parameters = data<const float>(desc.parameters);
  const OperandOf<S>* packed = data<const OperandOf<S>>(desc.packed);
  S* output = data<S>(desc.output);
  float* saved = data<float>(desc.saved);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = ForwardScratch<S>(nullptr, s).memory.used();
  pool.run(s.batch, [&](int64_t window, int worker) {
    const ForwardScratch<S> scratch(workspace + worker * scratch_floats, s);
    const bool more = window + 1 < s.batch;
    // The first block's output goes to the other of the two windows of scratch memory.
    const float* x = widen(input + window * s.window(), s.window(),
                           s.blocks % 2 == 0 ? scratch.other : scratch.window);
    Magnitude<OperandOf<S>> magnitude;
    magnitude.add(x, s.window());
    for (int64_t block = 0; block < s.blocks; ++block) {
      const BlockParameters<const float> p(parameters, block, s.c);
      const PackedBlock<const OperandOf<S>> w(packed, block, s.c);
      const bool last = block + 1 == s.blocks;
      const bool odd = (s.blocks - 1 - block) % 2 != 0;
      Ahead ahead;
      if (last && more) ahead.add(input + (window + 1) * s.window(), s.window());
      S* stored = output + window * s.window();
      float* y;
      if (inference) {
        y = block_output(scratch, static_cast<const Kept<S>*>(nullptr), odd, stored);
        block_forward<S>(s, desc.dilations[block], p, w, x, scratch, nullptr, magnitude, y,
                         last ? stored : nullptr, ahead);
      } else {
        const Kept<S> kept(saved, s, window, block);
        if (!last) stored = kept.output;
        if (!last || more) {
          const Kept<S> next(saved, s, last ? window + 1 : window, last ? 0 : block + 1);
          ahead.add(next.conv, s.window());
          ahead.add(block + 2 == s.blocks ? output + window * s.window() : next.output, s.window());
        }
        y = block_output(scratch, &kept, odd, stored);
        block_forward<S>(s, desc.dilations[block], p, w, x, scratch, &kept, magnitude, y, stored, ahead);
      }
      x = y;
    }
  });
}

template <class S>
void backward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  const Shape s = shape_of(desc);
  const Chunks chunks(s.batch);
  const S* input = data<const S>(desc.input);
  const float* parameters = data<const float>(desc.parameters);
  const OperandOf<S>* packed = data<const OperandOf<S>>(desc.packed);
  float* saved = data<float>(desc.saved);
  const S* output_grad = data<const S>(desc.output_grad);
  S* input_grad = data<S>(desc.input_grad);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = BackwardScratch<S>(nullptr, s).memory.used();
  float* partials = workspace + pool.threads() * scratch_floats;
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    const BackwardScratch<S> scratch(workspace + worker * scratch_floats, s);
    float* partial = partials + chunk * partial_floats(s);
    for (int64_t window = chunks.first(chunk); window < chunks.end(chunk); ++window) {
      const float* dy = widen(output_grad + window * s.window(), s.window(), scratch.grad);
      float* dx = place(input_grad + window * s.window(), scratch.grad);
      for (int64_t block = s.blocks - 1; block >= 0; --block) {
        const Kept<S> kept(saved, s, window, block);
        const auto input_of = [&](int64_t at_window, int64_t at_block) -> const S* {
          return at_block == 0 ? input + at_window * s.window()
                               : Kept<S>(saved, s, at_window, at_block - 1).output;
        };
        const S* x = input_of(window, block);
        Ahead ahead;
        if (block > 0) {
          ahead.add(Kept<S>(saved, s, window, block - 1).conv, s.window());
          ahead.add(input_of(window, block - 1), s.window());
        } else if (window + 1 < s.batch) {
          ahead.add(output_grad + (window + 1) * s.window(), s.window());
          ahead.add(Kept<S>(saved, s, window + 1, s.blocks - 1).conv, s.window());
          ahead.add(input_of(window + 1, s.blocks - 1), s.window());
        }
        block_backward(s, desc.dilations[block], BlockParameters<const float>(parameters, block, s.c),
                       PackedBlock<const OperandOf<S>>(packed, block, s.c), x, kept, dy, scratch,
                       window == chunks.first(chunk), BlockParameters<float>(partial, block, s.c), dx, ahead);
        dy = dx;
      }
      narrow(dx, s.window(), input_grad + window * s.window());
    }
  });
  reduce(pool, s, partials, chunks.count, (desc.flags & PCD_FLAG_ACCUMULATE) != 0,
         data<float>(desc.parameter_grad));
}

}  // namespace

uint64_t dilated_stack_saved(const Pool&, const pcd_dilated_stack_desc& desc) {
  if ((desc.flags & PCD_FLAG_INFERENCE) != 0) return 0;
  const Shape s = shape_of(desc);
  const int64_t kept =
      with_storage(desc.input, [&](auto type) { return Kept<decltype(type)>::count(s); });
  return static_cast<uint64_t>(s.batch * s.blocks * kept) * sizeof(float);
}

uint64_t dilated_stack_workspace(const Pool& pool, const pcd_dilated_stack_desc& desc) {
  const int64_t floats = with_storage(desc.input, [&](auto type) {
    return workspace_floats<decltype(type)>(pool, shape_of(desc), (desc.flags & PCD_FLAG_INFERENCE) != 0);
  });
  return static_cast<uint64_t>(floats) * sizeof(float);
}

int32_t dilated_stack_forward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  with_storage(desc.input, [&](auto type) { forward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

int32_t dilated_stack_backward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  with_storage(desc.input, [&](auto type) { backward<decltype(type)>(pool, desc); });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
