// SPDX-License-Identifier: Apache-2.0
//
// adamw, host side.
#include "adamw/adamw.cuh"
#include "cuda/ops.h"

namespace pcd::cuda {

uint64_t adamw_workspace(const cudaDeviceProp&, const pcd_adamw_desc& d) {
  using namespace kernels::adamw;
  return blocks(d.parameters.shape[0], kPiece) * sizeof(double) + sizeof(Decision);
}

int32_t adamw(const Queue& queue, const pcd_adamw_desc& d) {
  using namespace kernels::adamw;
  const int64_t n = d.parameters.shape[0];
  const unsigned pieces = blocks(n, kPiece);
  double* partial = data<double>(d.workspace);
  Decision* decision = reinterpret_cast<Decision*>(partial + pieces);
  pcd_step_state* state = data<pcd_step_state>(d.state);
  const Arguments arguments{data<float>(d.parameters), data<float>(d.first_moment), data<float>(d.second_moment),
                            data<float>(d.average),    data<const float>(d.gradients), data<const float>(d.decay),
                            data<const int64_t>(d.segments), n, d.decay.shape[0],
                            d.beta1, d.beta2, d.epsilon, d.weight_decay, d.average_decay};
  PCD_LAUNCH(piece_squares, pieces, kThreads, 0, queue.stream, arguments.gradients, n, partial);
  PCD_LAUNCH(decide, 1, kThreads, 0, queue.stream, partial, static_cast<int64_t>(pieces), d.clip_norm, state, decision);
  PCD_LAUNCH(update, blocks(n, kThreads), kThreads, 0, queue.stream, arguments, state, decision);
  return queue.launched("adamw");
}

}  // namespace pcd::cuda
