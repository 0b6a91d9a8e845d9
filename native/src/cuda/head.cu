// SPDX-License-Identifier: Apache-2.0
//
// head, host side. `saved` holds mean and reciprocal deviation of each row, whichever kernels wrote it.
#include <algorithm>
#include <type_traits>

#include "cuda/linear.h"
#include "cuda/ops.h"
#include "cuda/widths.h"
#include "head/head.cuh"
#include "head/rows.cuh"

namespace pcd::cuda {
namespace {

using namespace kernels::head;
using kernels::bf16;

struct Shape {
  int64_t rows, c;
  int targets, leads;
  explicit Shape(const pcd_head_desc& d)
      : rows(d.input.shape[0] * d.input.shape[1]), c(d.input.shape[2]),
        targets(static_cast<int>((d.parameters.shape[0] - 2 * c) / (c + 1))),  // 2C + T·C + T parameters
        leads(present(d.anchor) ? static_cast<int>(d.signal.shape[2]) : 0) {}

  // Whether rows.cuh has kernels for it. Forward gives each lead to a lane of its row.
  bool by_rows() const { return cuda::by_rows(c) && targets <= kTargetLanes; }
  bool forward_by_rows() const { return by_rows() && leads <= c / kernels::kSlice; }
};

// The blocks that stay: two a multiprocessor, if there are rows for them.
int64_t staying(const cudaDeviceProp& device, const Shape& s) {
  constexpr int64_t kRowsWorthABlock = 32;
  return std::min<int64_t>((s.rows + kRowsWorthABlock - 1) / kRowsWorthABlock, 2 * device.multiProcessorCount);
}

// Of sum_pieces: from the shape alone.
int64_t pieces(const cudaDeviceProp& device, const Shape& s) {
  return s.by_rows() ? staying(device, s) : std::min<int64_t>((s.rows + 255) / 256, 256);
}

template <typename P>
struct Weights {
  P *gain, *shift, *weight, *bias;
  Weights(P* p, const Shape& s) : gain(p), shift(p + s.c), weight(p + 2 * s.c), bias(weight + s.targets * s.c) {}
};

// Calls with the channels and the bound of targets as constants: five is what three leads leave of eight.
template <typename Call>
void with_constants(const Shape& s, const Call& call) {
  with_width(s.c, [&](auto c) {
    if (s.targets <= 5) {
      call(c, std::integral_constant<int, 5>());
    } else {
      call(c, std::integral_constant<int, kTargetLanes>());
    }
  });
}

template <typename T>
void run_forward(const Queue& queue, const pcd_head_desc& d, const Shape& s, const Weights<const float>& w) {
  float* statistics = (d.flags & PCD_FLAG_INFERENCE) != 0 ? nullptr : data<float>(d.saved);
  const T* x = data<const T>(d.input);
  const float *anchor = data<const float>(d.anchor), *signal = data<const float>(d.signal);
  float* y = data<float>(d.output);
  if (!s.forward_by_rows()) {
    PCD_LAUNCH(forward<T>, blocks(s.rows, kWarps), kThreads, 0, queue.stream, x, w.gain, w.shift, w.weight, w.bias,
               anchor, signal, s.leads, s.rows, s.c, s.targets, statistics, y);
    return;
  }
  with_constants(s, [&](auto c, auto targets) {
    const auto kernel = forward_rows<decltype(c)::value, decltype(targets)::value, T>;
    PCD_LAUNCH(kernel, static_cast<unsigned>(staying(queue.device, s)), kThreads, 0, queue.stream, x, w.gain, w.shift,
               w.weight, w.bias, anchor, signal, s.leads, s.rows, s.targets, statistics, y);
  });
}

template <typename T>
void run_backward(const Queue& queue, const pcd_head_desc& d, const Shape& s, const Weights<const float>& w,
                  float* partial) {
  const float *dy = data<const float>(d.output_grad), *statistics = data<const float>(d.saved);
  const T* x = data<const T>(d.input);
  T* dx = data<T>(d.input_grad);
  const unsigned count = static_cast<unsigned>(pieces(queue.device, s));
  if (!s.by_rows()) {
    const dim3 grid(count, blocks(s.c, kChannels) + 1), block(kChannels, kGroups);
    PCD_LAUNCH(sum_pieces<T>, grid, block, 0, queue.stream, x, dy, statistics, s.rows, s.c, s.targets, partial);
    PCD_LAUNCH(input_gradient<T>, blocks(s.rows, kWarps), kThreads, 0, queue.stream, x, dy, w.gain, w.weight,
               statistics, s.rows, s.c, s.targets, dx);
    return;
  }
  with_constants(s, [&](auto c, auto targets) {
    const auto kernel = backward_rows<decltype(c)::value, decltype(targets)::value, T>;
    PCD_LAUNCH(kernel, count, kThreads, 0, queue.stream, x, dy, w.gain, w.weight, statistics, s.rows, s.targets, dx,
               partial);
  });
}

}  // namespace

uint64_t head_saved(const cudaDeviceProp&, const pcd_head_desc& d) {
  return static_cast<uint64_t>(2 * Shape(d).rows) * sizeof(float);
}

uint64_t head_workspace(const cudaDeviceProp& device, const pcd_head_desc& d) {
  const Shape s(d);
  return static_cast<uint64_t>(pieces(device, s) * s.targets * (s.c + 1)) * sizeof(float);
}

int32_t head_forward(const Queue& queue, const pcd_head_desc& d) {
  const Shape s(d);
  const Weights<const float> w(data<const float>(d.parameters), s);
  d.input.dtype == PCD_DTYPE_BF16 ? run_forward<bf16>(queue, d, s, w) : run_forward<float>(queue, d, s, w);
  return queue.launched("head_forward");
}

int32_t head_backward(const Queue& queue, const pcd_head_desc& d) {
  const Shape s(d);
  const Weights<const float> w(data<const float>(d.parameters), s);
  const Weights<float> grad(data<float>(d.parameter_grad), s);
  float* partial = data<float>(d.workspace);
  d.input.dtype == PCD_DTYPE_BF16 ? run_backward<bf16>(queue, d, s, w, partial)
                                  : run_backward<float>(queue, d, s, w, partial);
  // The pieces' sums take the place of the first.
  column_sums(queue, pieces(queue.device, s), s.targets * (s.c + 1), partial, false, partial);
  PCD_LAUNCH(parameter_gradient, blocks(s.c + 1, 32), 32, 0, queue.stream, partial, w.gain, w.shift, w.weight, s.c,
             s.targets, (d.flags & PCD_FLAG_ACCUMULATE) != 0, grad.gain, grad.shift, grad.weight, grad.bias);
  return queue.launched("head_backward");
}

}  // namespace pcd::cuda
