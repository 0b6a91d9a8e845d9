// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack: blocks x <- x + Pointwise(GELU(LN(DilatedConv_d(x)))), forward and backward.
//
// A window passes through all blocks before the next window starts, so that its activations stay in the
// second-level cache; within a block, groups of rows pass through convolution, norm, GELU and pointwise
// product while they are in the first-level cache. Forward keeps, for each block, the convolution's output,
// the norm's statistics and the block's output; GELU(LN(u)) is computed again in backward, which is cheaper
// than to read it.
#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/dilated_conv.h"
#include "cpu/layout.h"
#include "cpu/norm.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"

namespace pcd::cpu::PCD_ISA {
namespace {

struct Shape {
  int64_t batch, length, c, blocks;
  int64_t window() const { return length * c; }
};

Shape shape_of(const pcd_dilated_stack_desc& d) {
  return {d.input.shape[0], d.input.shape[1], d.input.shape[2], d.blocks};
}

// What forward keeps of one window and block. The last block's output is the op's output.
struct Kept {
  float* conv;        // [L, C]
  float* statistics;  // [L, 2]
  float* output;      // [L, C]

  static int64_t count(const Shape& s) {
    return 2 * aligned_floats(s.window()) + aligned_floats(2 * s.length);
  }
  Kept(float* saved, const Shape& s, int64_t window, int64_t block) {
    Scratch scratch(saved + (window * s.blocks + block) * count(s));
    conv = scratch.take(s.window());
    statistics = scratch.take(2 * s.length);
    output = scratch.take(s.window());
  }
};

// Scratch memory of one worker in forward.
struct ForwardScratch {
  Scratch memory;
  float* window;  // [L, C], inference: every other block's output
  float* conv;    // [group_rows, C], inference
  float* active;  // [group_rows, C]
  float* edges;

  ForwardScratch(float* base, const Shape& s)
      : memory(base),
        window(memory.take(s.window())),
        conv(memory.take(group_rows * s.c)),
        active(memory.take(group_rows * s.c)),
        edges(memory.take(DilatedConv::edge_floats(s.c))) {}
};

// Scratch memory of one worker in backward.
struct BackwardScratch {
  Scratch memory;
  float* conv_grad;  // [L, C]
  float* active;     // [group_rows, C]: gradient of GELU's output, then that output
  float* edges;

  BackwardScratch(float* base, const Shape& s)
      : memory(base),
        conv_grad(memory.take(s.window())),
        active(memory.take(group_rows * s.c)),
        edges(memory.take(DilatedConv::edge_floats(s.c))) {}
};

// Partial gradients of one chunk: as the parameters, but conv as [3, C out, C in].
int64_t partial_floats(const Shape& s) {
  return aligned_floats(s.blocks * BlockParameters<float>::count(s.c));
}

void block_forward(const Shape& s, int64_t dilation, const BlockParameters<const float>& p,
                   const PackedBlock<const float>& packed, const float* x, const ForwardScratch& scratch,
                   const Kept* kept, float* y, Ahead& ahead) {
  DilatedConv conv(x, s.length, s.c, -dilation, scratch.edges);
  while (conv.next()) {
    const int64_t first = conv.first_row();
    const int64_t rows = conv.end_row() - first;
    float* u = kept == nullptr ? scratch.conv : kept->conv + first * s.c;
    multiply({packed.conv, 3 * s.c, s.c, p.conv_bias, nullptr, u, s.c, &ahead}, conv.tiles(), conv.count());
    norm_gelu_rows(u, rows, s.c, {p.gain, p.shift}, kept == nullptr ? nullptr : kept->statistics + 2 * first,
                   scratch.active);
    multiply_rows({packed.pointwise, s.c, s.c, p.pointwise_bias, x + first * s.c, y + first * s.c, s.c},
                  scratch.active, s.c, rows);
  }
}

// Adds the convolution's weight gradient of one window: tap by tap, over rows that both sides have.
void conv_weight_gradient(const Shape& s, int64_t dilation, const float* conv_grad, const float* x,
                          bool fresh, float* gradient) {
  for (int64_t tap = 0; tap < 3; ++tap, gradient += s.c * s.c) {
    const int64_t offset = (tap - 1) * dilation;
    const int64_t begin = least(s.length, greatest(0, -offset));
    const int64_t end = greatest(begin, least(s.length, s.length - offset));
    bool write = fresh;
    int64_t t = begin;
    do {
      const int64_t rows = least(group_rows, end - t);
      outer_product(conv_grad + t * s.c, s.c, s.c, x + (t + offset) * s.c, s.c, s.c, rows, gradient, s.c,
                    !write);
      write = false;
      t += rows;
    } while (t < end);
  }
}

// One window and block: adds to the parameters' partial gradients (writes them when `fresh`) and turns dy
// into dx, which may be the same memory.
void block_backward(const Shape& s, int64_t dilation, const BlockParameters<const float>& p,
                    const PackedBlock<const float>& packed, const float* x, const Kept& kept, const float* dy,
                    const BackwardScratch& scratch, bool fresh, const BlockParameters<float>& gradient,
                    float* dx, Ahead& ahead) {
  if (fresh) {
    fill_row(gradient.conv_bias, 3 * s.c, 0.0f);  // and gain and shift
    fill_row(gradient.pointwise_bias, s.c, 0.0f);
  }
  for (int64_t t = 0; t < s.length; t += group_rows) {
    const int64_t rows = least(group_rows, s.length - t);
    const float* dy_rows = dy + t * s.c;
    multiply_rows({packed.pointwise_transposed, s.c, s.c, nullptr, nullptr, scratch.active, s.c}, dy_rows,
                  s.c, rows);
    norm_gelu_rows_backward(kept.conv + t * s.c, kept.statistics + 2 * t, scratch.active, rows, s.c,
                            {p.gain, p.shift}, {gradient.gain, gradient.shift, gradient.conv_bias},
                            scratch.active, scratch.conv_grad + t * s.c);
    outer_product(dy_rows, s.c, s.c, scratch.active, s.c, s.c, rows, gradient.pointwise, s.c,
                  !fresh || t != 0);
    add_rows(dy_rows, rows, s.c, gradient.pointwise_bias);
  }
  conv_weight_gradient(s, dilation, scratch.conv_grad, x, fresh, gradient.conv);
  DilatedConv transposed(scratch.conv_grad, s.length, s.c, dilation, scratch.edges);
  while (transposed.next()) {
    const int64_t at = transposed.first_row() * s.c;
    multiply({packed.conv_transposed, 3 * s.c, s.c, nullptr, dy + at, dx + at, s.c, &ahead},
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

}  // namespace

uint64_t dilated_stack_saved(const Pool&, const pcd_dilated_stack_desc& desc) {
  if ((desc.flags & PCD_FLAG_INFERENCE) != 0) return 0;
  const Shape s = shape_of(desc);
  return static_cast<uint64_t>(s.batch * s.blocks * Kept::count(s)) * sizeof(float);
}

uint64_t dilated_stack_workspace(const Pool& pool, const pcd_dilated_stack_desc& desc) {
  const Shape s = shape_of(desc);
  const int64_t forward = pool.threads() * ForwardScratch(nullptr, s).memory.used();
  if ((desc.flags & PCD_FLAG_INFERENCE) != 0) return static_cast<uint64_t>(forward) * sizeof(float);
  const int64_t backward =
      pool.threads() * BackwardScratch(nullptr, s).memory.used() + Chunks(s.batch).count * partial_floats(s);
  return static_cast<uint64_t>(greatest(forward, backward)) * sizeof(float);
}

int32_t dilated_stack_forward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  const Shape s = shape_of(desc);
  const bool inference = (desc.flags & PCD_FLAG_INFERENCE) != 0;
  const float* input = data<const float>(desc.input);
  const float* parameters = data<const float>(desc.parameters);
  const float* packed = data<const float>(desc.packed);
  float* output = data<float>(desc.output);
  float* saved = data<float>(desc.saved);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = ForwardScratch(nullptr, s).memory.used();
  pool.run(s.batch, [&](int64_t window, int worker) {
    const ForwardScratch scratch(workspace + worker * scratch_floats, s);
    const bool more = window + 1 < s.batch;
    const float* x = input + window * s.window();
    for (int64_t block = 0; block < s.blocks; ++block) {
      const BlockParameters<const float> p(parameters, block, s.c);
      const PackedBlock<const float> w(packed, block, s.c);
      const bool last = block + 1 == s.blocks;
      float* y = output + window * s.window();
      Ahead ahead;
      if (last && more) ahead.add(input + (window + 1) * s.window(), s.window());
      if (inference) {
        // Every other block writes the op's output, the last one included.
        if ((s.blocks - 1 - block) % 2 != 0) y = scratch.window;
        block_forward(s, desc.dilations[block], p, w, x, scratch, nullptr, y, ahead);
      } else {
        const Kept kept(saved, s, window, block);
        if (!last) y = kept.output;
        if (!last || more) {
          const Kept next(saved, s, last ? window + 1 : window, last ? 0 : block + 1);
          ahead.add(next.conv, s.window());
          ahead.add(block + 2 == s.blocks ? output + window * s.window() : next.output, s.window());
        }
        block_forward(s, desc.dilations[block], p, w, x, scratch, &kept, y, ahead);
      }
      x = y;
    }
  });
  return PCD_OK;
}

int32_t dilated_stack_backward(Pool& pool, const pcd_dilated_stack_desc& desc) {
  const Shape s = shape_of(desc);
  const Chunks chunks(s.batch);
  const float* input = data<const float>(desc.input);
  const float* parameters = data<const float>(desc.parameters);
  const float* packed = data<const float>(desc.packed);
  float* saved = data<float>(desc.saved);
  const float* output_grad = data<const float>(desc.output_grad);
  float* input_grad = data<float>(desc.input_grad);
  float* workspace = data<float>(desc.workspace);
  const int64_t scratch_floats = BackwardScratch(nullptr, s).memory.used();
  float* partials = workspace + pool.threads() * scratch_floats;
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    const BackwardScratch scratch(workspace + worker * scratch_floats, s);
    float* partial = partials + chunk * partial_floats(s);
    for (int64_t window = chunks.first(chunk); window < chunks.end(chunk); ++window) {
      const float* dy = output_grad + window * s.window();
      float* dx = input_grad + window * s.window();
      for (int64_t block = s.blocks - 1; block >= 0; --block) {
        const Kept kept(saved, s, window, block);
        const auto input_of = [&](int64_t at_window, int64_t at_block) {
          return at_block == 0 ? input + at_window * s.window()
                               : Kept(saved, s, at_window, at_block - 1).output;
        };
        const float* x = input_of(window, block);
        Ahead ahead;
        if (block > 0) {
          ahead.add(Kept(saved, s, window, block - 1).conv, s.window());
          ahead.add(input_of(window, block - 1), s.window());
        } else if (window + 1 < s.batch) {
          ahead.add(output_grad + (window + 1) * s.window(), s.window());
          ahead.add(Kept(saved, s, window + 1, s.blocks - 1).conv, s.window());
          ahead.add(input_of(window + 1, s.blocks - 1), s.window());
        }
        block_backward(s, desc.dilations[block], BlockParameters<const float>(parameters, block, s.c),
                       PackedBlock<const float>(packed, block, s.c), x, kept, dy, scratch,
                       window == chunks.first(chunk), BlockParameters<float>(partial, block, s.c), dx, ahead);
        dy = dx;
      }
    }
  });
  reduce(pool, s, partials, chunks.count, (desc.flags & PCD_FLAG_ACCUMULATE) != 0,
         data<float>(desc.parameter_grad));
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
