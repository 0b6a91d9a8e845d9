// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on CUDA cores, host side. `saved` holds the inputs of blocks 2 to n; backward recomputes the rest.
// What lies between blocks is fp32, whatever the storage outside: sixteen roundings to bf16 in a row would show in
// the gradients.
#include <algorithm>

#include "cuda/dilated_stack.h"
#include "dilated_stack/rows.cuh"

namespace pcd::cuda::stack::rows {
namespace {

using namespace kernels::stack;
using kernels::bf16;

// From the shape alone, so that results do not depend on the device.
int matrix_pieces(const Shape& s) {
  const int64_t by_rows = (s.rows + 2047) / 2048, by_memory = (int64_t{1} << 24) / (kMatrices * s.c * s.c);
  return static_cast<int>(std::clamp<int64_t>(std::min(by_rows, by_memory), 1, 64));
}
int vector_pieces(const Shape& s) { return static_cast<int>(std::min<int64_t>((s.rows + 255) / 256, 256)); }

// u becomes g, dg becomes du; inference and backward need what lies between two blocks, inference twice.
struct Workspace {
  float *u, *dg, *between[2];
  float2* statistics;
  float *matrices, *vectors;
  uint64_t bytes;

  Workspace(void* base, const Shape& s) {
    Plan plan(base);
    const uint64_t n = static_cast<uint64_t>(s.rows * s.c);
    u = plan.take<float>(n);
    between[0] = between[1] = dg = nullptr;
    if (s.blocks > 1) between[0] = plan.take<float>(n);
    if (s.inference) {
      if (s.blocks > 2) between[1] = plan.take<float>(n);
    } else {
      dg = plan.take<float>(n);
      statistics = plan.take<float2>(static_cast<uint64_t>(s.rows));
      matrices = plan.take<float>(static_cast<uint64_t>(matrix_pieces(s) * kMatrices * s.c * s.c));
      vectors = plan.take<float>(static_cast<uint64_t>(vector_pieces(s) * kVectors * s.c));
    }
    bytes = plan.used();
  }
};

struct Packed {
  const float *conv, *pointwise, *conv_exchanged, *pointwise_exchanged;
  Packed(const float* packed, int block, int64_t c)
      : conv(packed + block * packed_floats(c)), pointwise(conv + kTaps * c * c),
        conv_exchanged(pointwise + c * c), pointwise_exchanged(conv_exchanged + kTaps * c * c) {}
};

template <typename A, typename R, typename O>
void product(const Queue& queue, const Shape& s, const A* a, int taps, int64_t step, const float* b, const float* bias,
             const R* residual, O* out) {
  const dim3 grid(cuda::blocks(s.rows, kTile), cuda::blocks(s.c, kTile));
  PCD_LAUNCH((rows_product<A, R, O>), grid, kThreads, 0, queue.stream, a, s.rows, s.length, s.c, taps, step, b, bias,
             residual, out);
}

// Beyond the length a dilation reads nothing, whatever it is.
int64_t step_of(const pcd_dilated_stack_desc& d, const Shape& s, int block) {
  return std::min<int64_t>(d.dilations[block], s.length);
}

template <typename X, typename Y>
void block_forward(const Queue& queue, const pcd_dilated_stack_desc& d, const Shape& s, const Workspace& w, int block,
                   const X* x, Y* y) {
  const Parameters<const float> p(data<const float>(d.parameters) + block * block_parameters(s.c), s.c);
  const Packed packed(data<const float>(d.packed), block, s.c);
  product<X, X, float>(queue, s, x, kTaps, step_of(d, s, block), packed.conv, p.conv_bias, nullptr, w.u);
  PCD_LAUNCH(normalise, cuda::blocks(s.rows, kRowWarps), kThreads, 0, queue.stream, w.u, p.gain, p.shift, s.rows, s.c);
  product(queue, s, static_cast<const float*>(w.u), 1, 0, packed.pointwise, p.bias, x, y);
}

template <typename T>
void run_forward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  const Shape s(d);
  const Workspace w(data<void>(d.workspace), s);
  const T* input = data<const T>(d.input);
  T* output = data<T>(d.output);
  const float* x = nullptr;
  for (int block = 0; block < s.blocks; ++block) {
    float* y = s.inference ? w.between[block % 2] : data<float>(d.saved) + block * s.rows * s.c;
    const bool first = block == 0, last = block == s.blocks - 1;
    if (first && last) {
      block_forward(queue, d, s, w, block, input, output);
    } else if (first) {
      block_forward(queue, d, s, w, block, input, y);
    } else if (last) {
      block_forward(queue, d, s, w, block, x, output);
    } else {
      block_forward(queue, d, s, w, block, x, y);
    }
    x = y;
  }
}

template <typename X, typename DY, typename DX>
void block_backward(const Queue& queue, const pcd_dilated_stack_desc& d, const Shape& s, const Workspace& w, int block,
                    const X* x, const DY* dy, DX* dx) {
  const Parameters<const float> p(data<const float>(d.parameters) + block * block_parameters(s.c), s.c);
  const Packed packed(data<const float>(d.packed), block, s.c);
  const int64_t step = step_of(d, s, block);
  const float *u = w.u, *du = w.dg;
  product<X, X, float>(queue, s, x, kTaps, step, packed.conv, p.conv_bias, nullptr, w.u);
  product<DY, DY, float>(queue, s, dy, 1, 0, packed.pointwise_exchanged, nullptr, nullptr, w.dg);
  const unsigned row_blocks = cuda::blocks(s.rows, kRowWarps);
  PCD_LAUNCH(statistics, row_blocks, kThreads, 0, queue.stream, u, s.rows, s.c, w.statistics);
  const int vectors = vector_pieces(s), matrices = matrix_pieces(s);
  const dim3 columns(static_cast<unsigned>(vectors), cuda::blocks(s.c, kColumns)), column_block(kColumns, kColumnRows);
  PCD_LAUNCH(norm_pieces<DY>, columns, column_block, 0, queue.stream, u, du, dy, p.gain, p.shift, w.statistics, s.rows,
             s.c, w.vectors);
  PCD_LAUNCH(normalise_backward, row_blocks, kThreads, 0, queue.stream, w.u, w.dg, p.gain, p.shift, w.statistics,
             s.rows, s.c);
  PCD_LAUNCH(bias_pieces, columns, column_block, 0, queue.stream, du, s.rows, s.c, w.vectors);
  const unsigned tiles = cuda::blocks(s.c, kTile);
  const dim3 conv_grid(tiles * kTaps, tiles, static_cast<unsigned>(matrices)),
      pointwise_grid(tiles, tiles, static_cast<unsigned>(matrices));
  PCD_LAUNCH((weight_pieces<float, X>), conv_grid, kThreads, 0, queue.stream, du, x, s.rows, s.length, s.c, 0, kTaps,
             step, w.matrices);
  PCD_LAUNCH((weight_pieces<DY, float>), pointwise_grid, kThreads, 0, queue.stream, dy, u, s.rows, s.length, s.c, kTaps,
             1, int64_t{0}, w.matrices);
  PCD_LAUNCH(add_pieces, cuda::blocks(block_parameters(s.c), kPieceColumns), dim3(kPieceColumns, kPieceRows), 0,
             queue.stream, w.matrices, matrices, matrices, w.vectors, vectors, s.c, s.accumulate,
             data<float>(d.parameter_grad) + block * block_parameters(s.c));
  // dx[r] = dy[r] + Σ_tap du[r - (tap - 1)·step]·W_tap; dx may be dy's memory.
  product(queue, s, du, kTaps, -step, packed.conv_exchanged, nullptr, dy, dx);
}

template <typename T>
void run_backward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  const Shape s(d);
  const Workspace w(data<void>(d.workspace), s);
  const T *input = data<const T>(d.input), *output_grad = data<const T>(d.output_grad);
  T* input_grad = data<T>(d.input_grad);
  float* between = w.between[0];  // the gradient that passes from block to block, in place
  for (int block = s.blocks - 1; block >= 0; --block) {
    const bool first = block == 0, last = block == s.blocks - 1;
    const float* x = first ? nullptr : data<const float>(d.saved) + (block - 1) * s.rows * s.c;
    if (first && last) {
      block_backward(queue, d, s, w, block, input, output_grad, input_grad);
    } else if (first) {
      block_backward(queue, d, s, w, block, input, between, input_grad);
    } else if (last) {
      block_backward(queue, d, s, w, block, x, output_grad, between);
    } else {
      block_backward(queue, d, s, w, block, x, between, between);
    }
  }
}

}  // namespace

uint64_t packed_bytes(int64_t c, int blocks) {
  return static_cast<uint64_t>(blocks * packed_floats(c)) * sizeof(float);
}

void pack(const Queue& queue, const float* parameters, int64_t c, int blocks, void* packed) {
  const dim3 grid(cuda::blocks(packed_floats(c), 256), static_cast<unsigned>(blocks));
  PCD_LAUNCH(pack_floats, grid, 256, 0, queue.stream, parameters, c, static_cast<float*>(packed));
}

uint64_t saved_bytes(const Shape& s) { return static_cast<uint64_t>((s.blocks - 1) * s.rows * s.c) * sizeof(float); }

uint64_t workspace_bytes(const Shape& s) { return Workspace(nullptr, s).bytes; }

void forward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  d.input.dtype == PCD_DTYPE_BF16 ? run_forward<bf16>(queue, d) : run_forward<float>(queue, d);
}

void backward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  d.input.dtype == PCD_DTYPE_BF16 ? run_backward<bf16>(queue, d) : run_backward<float>(queue, d);
}

}  // namespace pcd::cuda::stack::rows
