// SPDX-License-Identifier: Apache-2.0
//
// stem, host side. The parameters are read as they are: they are small.
#include <algorithm>

#include "cuda/ops.h"
#include "stem/stem.cuh"

namespace pcd::cuda {
namespace {

using namespace kernels::stem;
using kernels::bf16;

size_t sample_bytes(int leads) { return static_cast<size_t>(sample_count(leads)) * sizeof(float); }
size_t weight_bytes(int leads) { return static_cast<size_t>(weight_count(leads)) * sizeof(float); }

// Blocks along windows, so that the channel tiles together fill the multiprocessors `times` times over.
int64_t along_windows(const cudaDeviceProp& device, int64_t turns, int64_t c, int times) {
  const int64_t tiles = blocks(c, kChannels), places = static_cast<int64_t>(times) * device.multiProcessorCount;
  return std::min(turns, std::max<int64_t>(places / tiles, 1));
}

int64_t pieces(const cudaDeviceProp& device, int64_t batch, int64_t c) { return along_windows(device, batch, c, 2); }

template <typename T>
void run_forward(const Queue& queue, const pcd_stem_desc& d) {
  const int64_t batch = d.input.shape[0], length = d.input.shape[1], c = d.output.shape[2];
  const int leads = static_cast<int>(d.input.shape[2]);
  const float* weight = data<const float>(d.parameters);
  const int64_t turns = batch * blocks(length, kChunk);
  const dim3 grid(static_cast<unsigned>(along_windows(queue.device, turns, c, 3)), blocks(c, kChannels));
  PCD_LAUNCH(forward<T>, grid, kThreads, sample_bytes(leads) + weight_bytes(leads), queue.stream,
             data<const float>(d.input), weight, weight + c * leads * kTaps, batch, length, leads, c,
             data<T>(d.output));
}

template <typename T>
void run_backward(const Queue& queue, const pcd_stem_desc& d, int64_t count, float* partial) {
  const int64_t batch = d.input.shape[0], length = d.input.shape[1], c = d.output_grad.shape[2];
  const int leads = static_cast<int>(d.input.shape[2]);
  const dim3 grid(static_cast<unsigned>(count), blocks(c, kChannels), blocks(leads, kLeads));
  PCD_LAUNCH(gradient_pieces<T>, grid, kThreads, sample_bytes(leads), queue.stream, data<const float>(d.input),
             data<const T>(d.output_grad), batch, length, leads, c, partial);
}

}  // namespace

uint64_t stem_workspace(const cudaDeviceProp& device, const pcd_stem_desc& d) {
  const int64_t parameters = d.parameters.shape[0], c = parameters / (d.input.shape[2] * kTaps + 1);
  return static_cast<uint64_t>(pieces(device, d.input.shape[0], c) * parameters) * sizeof(float);
}

int32_t stem_forward(const Queue& queue, const pcd_stem_desc& d) {
  d.output.dtype == PCD_DTYPE_BF16 ? run_forward<bf16>(queue, d) : run_forward<float>(queue, d);
  return queue.launched("stem_forward");
}

int32_t stem_backward(const Queue& queue, const pcd_stem_desc& d) {
  const int64_t count = pieces(queue.device, d.input.shape[0], d.output_grad.shape[2]);
  float* partial = data<float>(d.workspace);
  d.output_grad.dtype == PCD_DTYPE_BF16 ? run_backward<bf16>(queue, d, count, partial)
                                        : run_backward<float>(queue, d, count, partial);
  const dim3 block(kernels::kSumColumns, kernels::kSumRows);
  PCD_LAUNCH(add_pieces, blocks(d.parameters.shape[0], kernels::kSumColumns), block, 0, queue.stream, partial,
             static_cast<int>(count), static_cast<int>(d.input.shape[2]), d.output_grad.shape[2],
             (d.flags & PCD_FLAG_ACCUMULATE) != 0, data<float>(d.parameter_grad));
  return queue.launched("stem_backward");
}

}  // namespace pcd::cuda
