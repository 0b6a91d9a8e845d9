// SPDX-License-Identifier: Apache-2.0
//
// film, host side. `saved` and, for inference, `workspace` hold (g, b).
#include <algorithm>

#include "cuda/linear.h"
#include "cuda/ops.h"
#include "cuda/widths.h"
#include "film/film.cuh"

namespace pcd::cuda {
namespace {

uint64_t modulation_bytes(const pcd_film_desc& d) {
  return static_cast<uint64_t>(2 * d.input.shape[0] * d.input.shape[2]) * sizeof(float);
}

Linear layer(const pcd_film_desc& d) { return {d.input.shape[0], 2 * d.input.shape[2], d.input.shape[2]}; }

template <typename T>
void forward(const Queue& queue, const pcd_film_desc& d, const float* modulation) {
  using namespace kernels::film;
  const int64_t c = d.input.shape[2], size = d.input.shape[1] * c;
  if (by_rows(c)) {
    // Where windows are too few to end evenly on all multiprocessors, each is cut.
    constexpr int64_t kWindows = 16, kRows = 64;  // a multiprocessor, and what a piece has at least
    const int64_t windows = d.input.shape[0];
    const dim3 grid(static_cast<unsigned>(windows),
                    std::min(blocks(kWindows * queue.device.multiProcessorCount, windows),
                             blocks(d.input.shape[1], kRows)));
    with_width(c, [&](auto width) {
      const auto kernel = modulate_rows<decltype(width)::value, T>;
      PCD_LAUNCH(kernel, grid, kThreads, 0, queue.stream, data<const T>(d.input), modulation, d.input.shape[1],
                 data<T>(d.output));
    });
    return;
  }
  const dim3 grid(static_cast<unsigned>(d.input.shape[0]), std::min(blocks(size, kThreads * kElements), 65535u));
  PCD_LAUNCH(modulate<T>, grid, kThreads, 0, queue.stream, data<const T>(d.input), modulation, size, c,
             data<T>(d.output));
}

template <typename T>
void backward(const Queue& queue, const pcd_film_desc& d, float* modulation_grad) {
  using namespace kernels::film;
  const int64_t batch = d.input.shape[0], length = d.input.shape[1], c = d.input.shape[2];
  if (by_rows(c)) {
    with_width(c, [&](auto width) {
      const auto kernel = demodulate_rows<decltype(width)::value, T>;
      PCD_LAUNCH(kernel, static_cast<unsigned>(batch), kThreads, 0, queue.stream, data<const T>(d.input),
                 data<const T>(d.output_grad), data<const float>(d.saved), length, data<T>(d.input_grad),
                 modulation_grad);
    });
    return;
  }
  const dim3 grid(static_cast<unsigned>(batch), blocks(c, kChannels)), block(kChannels, kTimes);
  PCD_LAUNCH(demodulate<T>, grid, block, 0, queue.stream, data<const T>(d.input), data<const T>(d.output_grad),
             data<const float>(d.saved), length, c, data<T>(d.input_grad), modulation_grad);
}

}  // namespace

uint64_t film_saved(const cudaDeviceProp&, const pcd_film_desc& d) { return modulation_bytes(d); }
// (g, b) or their gradients, and what the gradient of the linear layer needs.
uint64_t film_workspace(const cudaDeviceProp&, const pcd_film_desc& d) {
  return modulation_bytes(d) + static_cast<uint64_t>(weight_partials(layer(d))) * sizeof(float);
}

int32_t film_forward(const Queue& queue, const pcd_film_desc& d) {
  const int64_t c = d.input.shape[2];
  const float* weight = data<const float>(d.parameters);
  float* modulation = data<float>((d.flags & PCD_FLAG_INFERENCE) != 0 ? d.workspace : d.saved);
  linear_forward(queue, layer(d), data<const float>(d.h), weight, weight + 2 * c * c, modulation);
  d.input.dtype == PCD_DTYPE_BF16 ? forward<kernels::bf16>(queue, d, modulation) : forward<float>(queue, d, modulation);
  return queue.launched("film_forward");
}

int32_t film_backward(const Queue& queue, const pcd_film_desc& d) {
  const int64_t batch = d.input.shape[0], c = d.input.shape[2];
  float* modulation_grad = data<float>(d.workspace);
  d.input.dtype == PCD_DTYPE_BF16 ? backward<kernels::bf16>(queue, d, modulation_grad)
                                  : backward<float>(queue, d, modulation_grad);
  const Linear shape = layer(d);
  if (present(d.h_grad)) {
    linear_input_grad(queue, shape, modulation_grad, data<const float>(d.parameters),
                      (d.flags & PCD_FLAG_ACCUMULATE_INPUT) != 0, data<float>(d.h_grad));
  }
  float* grad = data<float>(d.parameter_grad);
  linear_parameter_grad(queue, shape, data<const float>(d.h), modulation_grad, (d.flags & PCD_FLAG_ACCUMULATE) != 0,
                        modulation_grad + 2 * batch * c, grad, grad + 2 * c * c);
  return queue.launched("film_backward");
}

}  // namespace pcd::cuda
