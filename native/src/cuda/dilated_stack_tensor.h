// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on tensor cores, host side, for one width C: included by dilated_stack_tensor_<C>.cu, so that the
// widths compile side by side. `saved` holds for each block x̂ and 1/σ, and for each but the last its output.
// Backward, block by block from the last: hidden_gradient, weight_gradient, input_gradient, then the sum of pieces.
#ifndef PCD_CUDA_DILATED_STACK_TENSOR_H
#define PCD_CUDA_DILATED_STACK_TENSOR_H

#include <algorithm>
#include <iterator>

#include "cuda/dilated_stack.h"
#include "dilated_stack/forward.cuh"
#include "dilated_stack/hidden_gradient.cuh"
#include "dilated_stack/input_gradient.cuh"
#include "dilated_stack/weight_gradient.cuh"

namespace pcd::cuda::stack::tensor {

using namespace kernels::stack;
using kernels::bf16;
using kernels::kWarpgroup;

inline int64_t most_blocks(const cudaDeviceProp& device) {
  return 2 * static_cast<int64_t>(device.multiProcessorCount);
}

// Pieces of rows for one tile of elements, as many as there are multiprocessors for it, but none below 384 rows.
struct Pieces {
  int conv, pointwise;
  Pieces(const cudaDeviceProp& device, const Shape& s) {
    const int64_t tiles = (s.c / gradient_tile(static_cast<int>(s.c))) * (s.c / gradient_tile(static_cast<int>(s.c)));
    const int64_t places = std::max<int64_t>(device.multiProcessorCount / tiles, 2);
    const int64_t by_rows = std::max<int64_t>(s.rows / 384, 1);
    if (s.c == 64) {
      conv = pointwise = static_cast<int>(std::min(places, by_rows));
    } else {  // a quarter of the products are the pointwise matrix's, but they wait for memory more
      pointwise = static_cast<int>(std::min(std::max<int64_t>(places / 3, 1), by_rows));
      conv = static_cast<int>(std::min(std::max<int64_t>(places - places / 3, 1), by_rows));
    }
  }
  int pointwise_slots(const Shape& s) const {
    return s.c == 64 ? pointwise : pointwise * gradient_groups(static_cast<int>(s.c));
  }
  int slots(const Shape& s) const { return std::max(conv, pointwise_slots(s)); }
};

struct Saved {
  bf16 *normal, *outputs;
  float* deviation;
  uint64_t bytes;
  Saved(void* base, const Shape& s) {
    Plan plan(base);
    const uint64_t n = static_cast<uint64_t>(s.rows * s.c);
    normal = plan.take<bf16>(n * s.blocks);
    outputs = plan.take<bf16>(n * (s.blocks - 1));
    deviation = plan.take<float>(static_cast<uint64_t>(s.rows) * s.blocks);
    bytes = plan.used();
  }
};

struct Workspace {
  bf16 *activation = nullptr, *du = nullptr, *hidden = nullptr;
  float *matrices = nullptr, *vectors = nullptr;
  uint64_t bytes;
  Workspace(void* base, const cudaDeviceProp& device, const Shape& s) {
    Plan plan(base);
    const uint64_t n = static_cast<uint64_t>(s.rows * s.c);
    if (s.inference) {
      if (s.blocks > 1) activation = plan.take<bf16>(n);
    } else {
      du = plan.take<bf16>(n);
      hidden = plan.take<bf16>(n);
      matrices = plan.take<float>(static_cast<uint64_t>(Pieces(device, s).slots(s) * kMatrices * s.c * s.c));
      vectors = plan.take<float>(static_cast<uint64_t>(most_blocks(device) * kVectors * s.c));
    }
    bytes = plan.used();
  }
};

inline Rows rows_of(const Shape& s, int64_t dilation) {
  // Beyond the length a dilation reads nothing, whatever it is.
  return {static_cast<uint32_t>(s.rows), static_cast<uint32_t>(s.length),
          static_cast<uint32_t>(std::min(dilation, s.length))};
}

// A kernel that may serve, its shared memory for the shape at hand, and how many blocks of it run on a multiprocessor.
template <typename Arguments>
struct Candidate {
  void (*kernel)(Arguments);
  int groups, shared_bytes, per_multiprocessor;
  bool needs_wgmma;
};

// The first candidate that this device can run; there is one, since path() has asked shared_bytes(). One persistent
// block a place.
template <typename Arguments, size_t kCount>
unsigned launch(const Queue& queue, const Candidate<Arguments> (&candidates)[kCount], const Arguments& arguments) {
  const bool wgmma = capability(queue.device) == 90;
  const int limit = static_cast<int>(queue.device.sharedMemPerBlockOptin);
  const auto fits = [&](const Candidate<Arguments>& c) {
    return (wgmma || !c.needs_wgmma) && c.shared_bytes <= limit;
  };
  const auto* chosen = std::find_if(std::begin(candidates), std::end(candidates), fits);
  const int64_t tiles = (arguments.shape.rows + kGroupRows - 1) / kGroupRows;
  const int64_t places = static_cast<int64_t>(queue.device.multiProcessorCount) * chosen->per_multiprocessor;
  const int64_t grid = std::min(places, (tiles + chosen->groups - 1) / chosen->groups);
  cudaFuncSetAttribute(chosen->kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, chosen->shared_bytes);
  PCD_LAUNCH(chosen->kernel, static_cast<unsigned>(grid), chosen->groups * kWarpgroup, chosen->shared_bytes,
             queue.stream, arguments);
  return static_cast<unsigned>(grid);
}

// Wider tiles first. C = 64 and, by wgmma, 128: all weights in shared memory; else a ring.
template <int C, bool kSave>
void forward_block(const Queue& queue, const ForwardArguments& arguments) {
  const int step = kernels::stack::step_of(arguments.shape.dilation);
  const auto bytes = [step](bool wgmma, int groups, int ring) {
    return forward_shared_bytes(C, wgmma, groups, ring, step);
  };
  if constexpr (C == 64) {
    const Candidate<ForwardArguments> candidates[] = {
        {block_forward<C, 2, true, 0, kSave>, 2, bytes(true, 2, 0), 2, true},
        {block_forward<C, 2, false, 0, kSave>, 2, bytes(false, 2, 0), 1, false}};
    launch(queue, candidates, arguments);
  } else if constexpr (C == 128) {
    const Candidate<ForwardArguments> candidates[] = {
        {block_forward<C, 3, true, 0, kSave>, 3, bytes(true, 3, 0), 1, true},
        {block_forward<C, 2, true, 0, kSave>, 2, bytes(true, 2, 0), 1, true},
        {block_forward<C, 3, false, 3, kSave>, 3, bytes(false, 3, 3), 1, false},
        {block_forward<C, 1, false, 2, kSave>, 1, bytes(false, 1, 2), 1, false}};
    launch(queue, candidates, arguments);
  } else {
    const Candidate<ForwardArguments> candidates[] = {
        {block_forward<C, 2, true, 4, kSave>, 2, bytes(true, 2, 4), 1, true},
        {block_forward<C, 2, true, 3, kSave>, 2, bytes(true, 2, 3), 1, true},
        {block_forward<C, 1, true, 2, kSave>, 1, bytes(true, 1, 2), 1, true},
        {block_forward<C, 1, false, 3, kSave>, 1, bytes(false, 1, 3), 1, false},
        {block_forward<C, 1, false, 2, kSave>, 1, bytes(false, 1, 2), 1, false}};
    launch(queue, candidates, arguments);
  }
}

template <int C>
void input_gradient_block(const Queue& queue, const InputGradientArguments& arguments) {
  const int step = kernels::stack::step_of(arguments.shape.dilation);
  const auto bytes = [step](bool wgmma, int groups, int ring) {
    return input_gradient_shared_bytes(C, wgmma, groups, ring, step);
  };
  if constexpr (C == 64) {
    const Candidate<InputGradientArguments> candidates[] = {
        {input_gradient<C, 2, true, 0>, 2, bytes(true, 2, 0), 2, true},
        {input_gradient<C, 2, false, 0>, 2, bytes(false, 2, 0), 1, false}};
    launch(queue, candidates, arguments);
  } else if constexpr (C == 128) {
    const Candidate<InputGradientArguments> candidates[] = {
        {input_gradient<C, 3, true, 0>, 3, bytes(true, 3, 0), 1, true},
        {input_gradient<C, 2, true, 0>, 2, bytes(true, 2, 0), 1, true},
        {input_gradient<C, 3, false, 3>, 3, bytes(false, 3, 3), 1, false},
        {input_gradient<C, 1, false, 2>, 1, bytes(false, 1, 2), 1, false}};
    launch(queue, candidates, arguments);
  } else {
    const Candidate<InputGradientArguments> candidates[] = {
        {input_gradient<C, 2, true, 4>, 2, bytes(true, 2, 4), 1, true},
        {input_gradient<C, 2, true, 3>, 2, bytes(true, 2, 3), 1, true},
        {input_gradient<C, 1, true, 2>, 1, bytes(true, 1, 2), 1, true},
        {input_gradient<C, 1, false, 3>, 1, bytes(false, 1, 3), 1, false},
        {input_gradient<C, 1, false, 2>, 1, bytes(false, 1, 2), 1, false}};
    launch(queue, candidates, arguments);
  }
}

// Returns the number of pieces of the vectors' sums.
template <int C>
int hidden_gradient_block(const Queue& queue, const HiddenGradientArguments& arguments) {
  const auto bytes = [](bool wgmma, int groups, int ring) {
    return hidden_gradient_shared_bytes(C, wgmma, groups, ring);
  };
  unsigned grid;
  if constexpr (C == 64) {
    const Candidate<HiddenGradientArguments> candidates[] = {
        {hidden_gradient<C, 2, true, 0>, 2, bytes(true, 2, 0), 2, true},
        {hidden_gradient<C, 2, false, 0>, 2, bytes(false, 2, 0), 1, false}};
    grid = launch(queue, candidates, arguments);
  } else if constexpr (C == 128) {
    const Candidate<HiddenGradientArguments> candidates[] = {
        {hidden_gradient<C, 3, true, 0>, 3, bytes(true, 3, 0), 1, true},
        {hidden_gradient<C, 3, false, 0>, 3, bytes(false, 3, 0), 1, false},
        {hidden_gradient<C, 1, false, 0>, 1, bytes(false, 1, 0), 1, false}};
    grid = launch(queue, candidates, arguments);
  } else {
    const Candidate<HiddenGradientArguments> candidates[] = {
        {hidden_gradient<C, 2, true, 0>, 2, bytes(true, 2, 0), 1, true},
        {hidden_gradient<C, 2, false, 2>, 2, bytes(false, 2, 2), 1, false}};
    grid = launch(queue, candidates, arguments);
  }
  return static_cast<int>(grid);
}

template <int C>
void weight_gradient_block(const Queue& queue, WeightGradientArguments arguments, const Pieces& pieces) {
  const int dilation = static_cast<int>(arguments.shape.dilation);
  const bool deep =
      gradient_shared_bytes(C, 96, 3, dilation) <= static_cast<int>(queue.device.sharedMemPerBlockOptin);
  const int shared_bytes = gradient_shared_bytes(C, deep ? 96 : 48, deep ? 3 : 2, dilation);
  const auto kernel = deep ? weight_gradient<C, 96, 3> : weight_gradient<C, 48, 2>;
  arguments.conv_pieces = pieces.conv;
  arguments.pointwise_pieces = pieces.pointwise;
  constexpr int kTiles = (C / gradient_tile(C)) * (C / gradient_tile(C));
  const int grid = kTiles * (pieces.conv + (C == 64 ? 0 : pieces.pointwise));
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes);
  PCD_LAUNCH(kernel, static_cast<unsigned>(grid), gradient_groups(C) * kWarpgroup, shared_bytes, queue.stream,
             arguments);
}

// Where block `block` puts its result.
inline bf16* block_output(const pcd_dilated_stack_desc& d, const Shape& s, const Saved& saved, const Workspace& w,
                          int block) {
  if (block == s.blocks - 1) return data<bf16>(d.output);
  if (!s.inference) return saved.outputs + block * s.rows * s.c;
  return (s.blocks - 1 - block) % 2 == 0 ? data<bf16>(d.output) : w.activation;
}

template <int C>
void forward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  const Shape s(d);
  const Saved saved(data<void>(d.saved), s);
  const Workspace w(data<void>(d.workspace), queue.device, s);
  const bf16* x = data<const bf16>(d.input);
  for (int block = 0; block < s.blocks; ++block) {
    ForwardArguments arguments{};
    arguments.x = x;
    arguments.packed = data<const char>(d.packed) + block * kernels::stack::packed_bytes(C);
    arguments.parameters = data<const float>(d.parameters) + block * block_parameters(C);
    arguments.y = block_output(d, s, saved, w, block);
    arguments.shape = rows_of(s, d.dilations[block]);
    if (s.inference) {
      forward_block<C, false>(queue, arguments);
    } else {
      arguments.normal = saved.normal + block * s.rows * C;
      arguments.deviation = saved.deviation + block * s.rows;
      forward_block<C, true>(queue, arguments);
    }
    x = arguments.y;
  }
}

template <int C>
void backward(const Queue& queue, const pcd_dilated_stack_desc& d) {
  const Shape s(d);
  const Saved saved(data<void>(d.saved), s);
  const Workspace w(data<void>(d.workspace), queue.device, s);
  const Pieces pieces(queue.device, s);
  const bf16* dy = data<const bf16>(d.output_grad);
  bf16* dx = data<bf16>(d.input_grad);
  for (int block = s.blocks - 1; block >= 0; --block) {
    const char* exchanged =
        data<const char>(d.packed) + block * kernels::stack::packed_bytes(C) + kMatrices * matrix_bytes(C);
    const float* parameters = data<const float>(d.parameters) + block * block_parameters(C);
    const Rows shape = rows_of(s, d.dilations[block]);
    const bf16* x = block == 0 ? data<const bf16>(d.input) : saved.outputs + (block - 1) * s.rows * C;
    HiddenGradientArguments hidden{};
    hidden.dy = dy;
    hidden.normal = saved.normal + block * s.rows * C;
    hidden.deviation = saved.deviation + block * s.rows;
    hidden.packed = exchanged + kTaps * matrix_bytes(C);
    hidden.parameters = parameters;
    hidden.du = w.du;
    hidden.hidden = w.hidden;
    hidden.vectors = w.vectors;
    hidden.shape = rows_of(s, 0);
    const int vector_pieces = hidden_gradient_block<C>(queue, hidden);
    weight_gradient_block<C>(queue, {x, w.du, dy, w.hidden, w.matrices, shape, 0, 0}, pieces);
    input_gradient_block<C>(queue, {w.du, exchanged, dy, dx, shape});
    PCD_LAUNCH(add_pieces, cuda::blocks(block_parameters(C), kPieceColumns), dim3(kPieceColumns, kPieceRows), 0,
               queue.stream, w.matrices, pieces.conv, pieces.pointwise_slots(s), w.vectors, vector_pieces, C,
               s.accumulate, data<float>(d.parameter_grad) + block * block_parameters(C));
    dy = dx;
  }
}

}  // namespace pcd::cuda::stack::tensor

#endif
