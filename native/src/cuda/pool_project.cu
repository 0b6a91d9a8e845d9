// SPDX-License-Identifier: Apache-2.0
//
// pool_project, host side. `saved` holds, in this order: mean and reciprocal deviation of each row, mean(x̂), the
// projection's hidden layer before and after GELU, and max(|p|, 1e-12).
#include <algorithm>

#include "cuda/linear.h"
#include "cuda/ops.h"
#include "cuda/widths.h"
#include "pool_project/pool_project.cuh"

namespace pcd::cuda {
namespace {

using kernels::bf16;
using kernels::pool::kThreads;

// The embedding follows from the number of parameters, also when z is absent.
struct Shape {
  int64_t batch, length, c, depth;
  explicit Shape(const pcd_pool_project_desc& d)
      : batch(d.input.shape[0]), length(d.input.shape[1]), c(d.input.shape[2]),
        depth((d.parameters.shape[0] - 3 * c - c * c) / (c + 1)) {}

  Linear first() const { return {batch, c, c}; }
  Linear second() const { return {batch, depth, c}; }
};

// Views into the flat parameters, or into their gradients.
template <typename T>
struct Weights {
  T *gain, *shift, *weight0, *bias0, *weight1, *bias1;
  Weights(T* p, const Shape& s)
      : gain(p), shift(p + s.c), weight0(p + 2 * s.c), bias0(weight0 + s.c * s.c), weight1(bias0 + s.c),
        bias1(weight1 + s.depth * s.c) {}
};

struct Saved {
  float *statistics, *centred, *hidden, *active, *norms;
  Saved(float* p, const Shape& s)
      : statistics(p), centred(p + 2 * s.batch * s.length), hidden(centred + s.batch * s.c),
        active(hidden + s.batch * s.c), norms(active + s.batch * s.c) {}
};

uint64_t saved_floats(const Shape& s) { return static_cast<uint64_t>(s.batch * (2 * s.length + 3 * s.c + 1)); }

template <typename T>
void run_pool(const Queue& queue, const pcd_pool_project_desc& d, const Shape& s, const Weights<const float>& w,
              const Saved& saved) {
  if (by_rows(s.c)) {
    with_width(s.c, [&](auto c) {
      const auto kernel = kernels::pool::pool_rows<decltype(c)::value, T>;
      PCD_LAUNCH(kernel, static_cast<unsigned>(s.batch), kThreads, 0, queue.stream, data<const T>(d.input), w.gain,
                 w.shift, s.length, saved.statistics, saved.centred, data<float>(d.h));
    });
    return;
  }
  PCD_LAUNCH(kernels::pool::pool<T>, static_cast<unsigned>(s.batch), kThreads,
             kernels::pool::kWarps * s.c * sizeof(float), queue.stream, data<const T>(d.input), w.gain, w.shift,
             s.length, s.c, saved.statistics, saved.centred, data<float>(d.h));
}

template <typename T>
void run_unpool(const Queue& queue, const pcd_pool_project_desc& d, const Shape& s, const float* h_grad,
                const float* gain, const Saved& saved) {
  if (by_rows(s.c)) {
    with_width(s.c, [&](auto c) {
      const auto kernel = kernels::pool::unpool_rows<decltype(c)::value, T>;
      PCD_LAUNCH(kernel, static_cast<unsigned>(s.batch), kThreads, 0, queue.stream, data<const T>(d.input), h_grad,
                 gain, saved.statistics, s.length, data<T>(d.input_grad));
    });
    return;
  }
  PCD_LAUNCH(kernels::pool::unpool<T>, static_cast<unsigned>(s.batch), kThreads, s.c * sizeof(float), queue.stream,
             data<const T>(d.input), h_grad, gain, saved.statistics, s.length, s.c, data<T>(d.input_grad));
}

}  // namespace

uint64_t pool_project_saved(const cudaDeviceProp&, const pcd_pool_project_desc& d) {
  return saved_floats(Shape(d)) * sizeof(float);
}

// Inference keeps its intermediates here; backward the gradients of p, of the hidden layer and of h, and what those of
// the linear layers need, one after the other.
uint64_t pool_project_workspace(const cudaDeviceProp&, const pcd_pool_project_desc& d) {
  const Shape s(d);
  const int64_t partials = std::max(weight_partials(s.first()), weight_partials(s.second()));
  const uint64_t backward = static_cast<uint64_t>(s.batch * (s.depth + 2 * s.c) + partials);
  return std::max(saved_floats(s), backward) * sizeof(float);
}

int32_t pool_project_forward(const Queue& queue, const pcd_pool_project_desc& d) {
  const Shape s(d);
  const Saved saved(data<float>((d.flags & PCD_FLAG_INFERENCE) != 0 ? d.workspace : d.saved), s);
  const Weights<const float> w(data<const float>(d.parameters), s);
  d.input.dtype == PCD_DTYPE_BF16 ? run_pool<bf16>(queue, d, s, w, saved) : run_pool<float>(queue, d, s, w, saved);
  if (present(d.z)) {
    float* z = data<float>(d.z);
    linear_forward(queue, s.first(), data<const float>(d.h), w.weight0, w.bias0, saved.hidden);
    PCD_LAUNCH(kernels::pool::activate, blocks(s.batch * s.c, kThreads), kThreads, 0, queue.stream, saved.hidden,
               s.batch * s.c, saved.active);
    linear_forward(queue, s.second(), saved.active, w.weight1, w.bias1, z);
    PCD_LAUNCH(kernels::pool::normalise, static_cast<unsigned>(s.batch), kThreads, 0, queue.stream, z, s.depth,
               saved.norms);
  }
  return queue.launched("pool_project_forward");
}

int32_t pool_project_backward(const Queue& queue, const pcd_pool_project_desc& d) {
  const Shape s(d);
  const bool accumulate = (d.flags & PCD_FLAG_ACCUMULATE) != 0;
  const Saved saved(data<float>(d.saved), s);
  const Weights<const float> w(data<const float>(d.parameters), s);
  const Weights<float> grad(data<float>(d.parameter_grad), s);
  float* p_grad = data<float>(d.workspace);
  float* hidden_grad = p_grad + s.batch * s.depth;
  float* h_grad = hidden_grad + s.batch * s.c;
  float* partial = h_grad + s.batch * s.c;
  const size_t h_bytes = static_cast<size_t>(s.batch * s.c) * sizeof(float);
  if (present(d.h_grad)) {
    cudaMemcpyAsync(h_grad, data<const float>(d.h_grad), h_bytes, cudaMemcpyDeviceToDevice, queue.stream);
  } else {
    cudaMemsetAsync(h_grad, 0, h_bytes, queue.stream);
  }
  if (present(d.z) && present(d.z_grad)) {
    const Linear second = s.second(), first = s.first();
    PCD_LAUNCH(kernels::pool::normalise_backward, static_cast<unsigned>(s.batch), kThreads, 0, queue.stream,
               data<const float>(d.z), data<const float>(d.z_grad), saved.norms, s.depth, p_grad);
    linear_input_grad(queue, second, p_grad, w.weight1, false, hidden_grad);
    linear_parameter_grad(queue, second, saved.active, p_grad, accumulate, partial, grad.weight1, grad.bias1);
    PCD_LAUNCH(kernels::pool::activate_backward, blocks(s.batch * s.c, kThreads), kThreads, 0, queue.stream,
               saved.hidden, s.batch * s.c, hidden_grad);
    linear_input_grad(queue, first, hidden_grad, w.weight0, true, h_grad);
    linear_parameter_grad(queue, first, data<const float>(d.h), hidden_grad, accumulate, partial, grad.weight0,
                          grad.bias0);
  } else if (!accumulate) {
    cudaMemsetAsync(grad.weight0, 0, static_cast<size_t>(s.c * s.c + s.c + s.depth * s.c + s.depth) * sizeof(float),
                    queue.stream);
  }
  PCD_LAUNCH(kernels::pool::norm_gradient, blocks(s.c, kernels::kSumColumns),
             dim3(kernels::kSumColumns, kernels::kSumRows), 0, queue.stream, h_grad, saved.centred, s.batch, s.c,
             accumulate, grad.gain, grad.shift);
  d.input.dtype == PCD_DTYPE_BF16 ? run_unpool<bf16>(queue, d, s, h_grad, w.gain, saved)
                                  : run_unpool<float>(queue, d, s, h_grad, w.gain, saved);
  return queue.launched("pool_project_backward");
}

}  // namespace pcd::cuda
