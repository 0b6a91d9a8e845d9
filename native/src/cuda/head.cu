// SPDX-License-Identifier: Apache-2.0
//
// head, host side. `saved` holds mean and reciprocal deviation of each row.
#include <algorithm>

#include "cuda/ops.h"
#include "head/head.cuh"

namespace pcd::cuda {
namespace {

using namespace kernels::head;
using kernels::bf16;

// From the shape alone, so that results do not depend on the device.
int64_t pieces(int64_t rows) { return std::min<int64_t>((rows + 255) / 256, 256); }

struct Shape {
  int64_t rows, c;
  int targets, leads;
  explicit Shape(const pcd_head_desc& d)
      : rows(d.input.shape[0] * d.input.shape[1]), c(d.input.shape[2]),
        targets(static_cast<int>((d.parameters.shape[0] - 2 * c) / (c + 1))),  // 2C + T·C + T parameters
        leads(present(d.anchor) ? static_cast<int>(d.signal.shape[2]) : 0) {}
};

template <typename P>
struct Weights {
  P *gain, *shift, *weight, *bias;
  Weights(P* p, const Shape& s) : gain(p), shift(p + s.c), weight(p + 2 * s.c), bias(weight + s.targets * s.c) {}
};

template <typename T>
void run_forward(const Queue& queue, const pcd_head_desc& d, const Shape& s, const Weights<const float>& w) {
  float* statistics = (d.flags & PCD_FLAG_INFERENCE) != 0 ? nullptr : data<float>(d.saved);
  PCD_LAUNCH(forward<T>, blocks(s.rows, kWarps), kThreads, 0, queue.stream, data<const T>(d.input), w.gain, w.shift,
             w.weight, w.bias, data<const float>(d.anchor), data<const float>(d.signal), s.leads, s.rows, s.c,
             s.targets, statistics, data<float>(d.output));
}

template <typename T>
void run_backward(const Queue& queue, const pcd_head_desc& d, const Shape& s, const Weights<const float>& w,
                  float* partial) {
  const float* dy = data<const float>(d.output_grad);
  const float* statistics = data<const float>(d.saved);
  const T* x = data<const T>(d.input);
  const dim3 grid(static_cast<unsigned>(pieces(s.rows)), blocks(s.c, kChannels) + 1), block(kChannels, kGroups);
  PCD_LAUNCH(sum_pieces<T>, grid, block, 0, queue.stream, x, dy, statistics, s.rows, s.c, s.targets, partial);
  PCD_LAUNCH(input_gradient<T>, blocks(s.rows, kWarps), kThreads, 0, queue.stream, x, dy, w.gain, w.weight, statistics,
             s.rows, s.c, s.targets, data<T>(d.input_grad));
}

}  // namespace

uint64_t head_saved(const cudaDeviceProp&, const pcd_head_desc& d) {
  return static_cast<uint64_t>(2 * Shape(d).rows) * sizeof(float);
}

uint64_t head_workspace(const cudaDeviceProp&, const pcd_head_desc& d) {
  const Shape s(d);
  return static_cast<uint64_t>(pieces(s.rows) * s.targets * (s.c + 1)) * sizeof(float);
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
  const int64_t size = s.targets * (s.c + 1);
  PCD_LAUNCH(add_pieces, blocks(size, 128), 128, 0, queue.stream, partial, static_cast<int>(pieces(s.rows)), size);
  PCD_LAUNCH(parameter_gradient, blocks(s.c + 1, 128), 128, 0, queue.stream, partial, w.gain, w.shift, w.weight, s.c,
             s.targets, (d.flags & PCD_FLAG_ACCUMULATE) != 0, grad.gain, grad.shift, grad.weight, grad.bias);
  return queue.launched("head_backward");
}

}  // namespace pcd::cuda
