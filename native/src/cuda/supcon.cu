// SPDX-License-Identifier: Apache-2.0
//
// supcon, host side: which kernels run, over how many pieces, and where things lie in the workspace. The partition
// depends on shapes, on the kernels' tiles and, on Hopper, on the number of multiprocessors.
#include <algorithm>

#include "cuda/dilated_stack.h"
#include "cuda/ops.h"
#include "supcon/backward_hopper.cuh"
#include "supcon/forward_hopper.cuh"
#include "supcon/general.cuh"

namespace pcd::cuda {
namespace {

using namespace kernels::supcon;

int64_t pieces(int64_t n, int64_t size) { return (n + size - 1) / size; }

// How a pass is cut: row blocks, and for each of them the columns into `count` runs of `tiles` tiles.
struct Cut {
  int64_t row_blocks, tiles, count;

  Cut(int64_t rows, int64_t block_rows, int64_t all_tiles, int64_t least, int64_t wanted_blocks)
      : row_blocks(pieces(rows, block_rows)) {
    const int64_t wanted = std::max(least, pieces(wanted_blocks, row_blocks));
    tiles = pieces(all_tiles, std::min<int64_t>({wanted, all_tiles, 1024}));
    count = pieces(all_tiles, tiles);
  }
};

struct Plan {
  bool tensor, hopper, split;
  Kind kind;
  bool general;
  Problem problem{};
  int64_t block_rows_forward, block_rows_backward, width, runs = 0;
  float4* sums = nullptr;      // forward [strips][rows]
  float* gradients = nullptr;  // backward [splits][rows][width], the same memory
  double* losses = nullptr;
  int32_t* anchors = nullptr;
  unsigned* finished = nullptr;
  uint64_t bytes = 0;

  Plan(const cudaDeviceProp& device, const pcd_supcon_desc& d)
      : tensor(stack::capability(device) >= 80 && d.z.shape[1] <= kDepth),
        hopper(tensor && stack::capability(device) == 90),
        split((d.flags & PCD_FLAG_FAST_PRODUCTS) == 0),
        kind(static_cast<Kind>(d.target)),
        general(present(d.groups) || (d.labels.rank == 2 && d.labels.shape[1] > 2)) {
    Problem& p = problem;
    p.n = d.z.shape[0];
    p.depth = d.z.shape[1];
    p.words = d.labels.rank == 2 ? d.labels.shape[1] : 0;
    p.row_begin = d.row_begin;
    p.rows = d.row_end - d.row_begin;
    p.tiles = pieces(p.n, kTile);
    constexpr double kLog2E = 1.44269504088896341;
    const double unit = tensor ? static_cast<double>(kEmbeddingScale) : 1.0;
    p.scale = static_cast<float>(kLog2E / static_cast<double>(d.temperature) / (unit * unit));
    p.shift = static_cast<float>(kLog2E / static_cast<double>(d.temperature));
    p.z = data<const float>(d.z);
    p.labels = data<const uint64_t>(d.labels);
    p.groups = data<const int32_t>(d.groups);
    if (hopper) {
      block_rows_forward = split ? ForwardRing<true>::kRows : ForwardRing<false>::kRows;
      block_rows_backward = split ? BackwardRing<true>::kRows : BackwardRing<false>::kRows;
    } else if (tensor) {
      block_rows_forward = split ? ForwardShape<true>::kRows : ForwardShape<false>::kRows;
      block_rows_backward = split ? BackwardShape<true>::kRows : BackwardShape<false>::kRows;
    } else {
      block_rows_forward = block_rows_backward = kTile;
    }
    width = tensor ? kDepth : p.depth;
    if (hopper) {
      const int64_t total = pieces(p.rows, block_rows_backward) * p.tiles;
      runs = std::min<int64_t>(total, std::max<int64_t>(device.multiProcessorCount, total >> 30));
    }
    char* base = data<char>(d.workspace);
    const auto take = [&](int64_t count, uint64_t size) -> void* {
      char* place = base == nullptr ? nullptr : base + bytes;
      bytes += (static_cast<uint64_t>(count) * size + 255) / 256 * 256;
      return place;
    };
    if (tensor) {
      p.high = static_cast<unsigned char*>(take(p.tiles, kImage));
      if (split) p.low = static_cast<unsigned char*>(take(p.tiles, kImage));
    }
    p.entries = static_cast<Entries*>(take(p.tiles, sizeof(Entries)));
    losses = static_cast<double*>(take(pieces(p.rows, kFinishThreads), sizeof(double)));
    anchors = static_cast<int32_t*>(take(p.tiles, sizeof(int32_t)));
    finished = static_cast<unsigned*>(take(1, sizeof(unsigned)));
    const uint64_t forward_bytes = static_cast<uint64_t>(forward().count * p.rows) * sizeof(float4);
    const int64_t parts = hopper ? (runs + pieces(p.rows, block_rows_backward)) * block_rows_backward
                                 : backward().count * p.rows;
    const uint64_t backward_bytes = static_cast<uint64_t>(parts * width) * sizeof(float);
    void* partial = take(1, std::max(forward_bytes, backward_bytes));
    sums = static_cast<float4*>(partial);
    gradients = static_cast<float*>(partial);
  }

  // At most 4,096 columns are summed in fp32 before fp64 takes over; 8 blocks a multiprocessor of the largest GPUs.
  Cut forward() const {
    return Cut(problem.rows, block_rows_forward, problem.tiles, pieces(problem.tiles, 4096 / kTile), 1056);
  }
  // Each run of columns costs a gradient's memory, so no more than fill a GPU.
  Cut backward() const { return Cut(problem.rows, block_rows_backward, problem.tiles, 1, 264); }
};

// Entries and images; in backward also the factors from the statistics.
void prepare(const Queue& queue, const pcd_supcon_desc& d, const Plan& plan, const float* statistics) {
  PCD_LAUNCH(arrange, static_cast<unsigned>(plan.problem.tiles), kArrangeThreads, 0, queue.stream, plan.problem,
             d.target, (d.flags & PCD_FLAG_VIEWS_ONLY) != 0, statistics, plan.anchors, plan.finished);
}

dim3 grid(const Cut& cut) { return dim3(static_cast<unsigned>(cut.row_blocks), static_cast<unsigned>(cut.count)); }

template <typename Kernel, typename Result>
void launch(const Queue& queue, Kernel kernel, dim3 grid, int threads, int shared_bytes, const Problem& problem,
            int64_t pieces, Result* result) {
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes);
  PCD_LAUNCH(kernel, grid, threads, shared_bytes, queue.stream, problem, pieces, result);
}

template <Kind kKind, bool kGeneral, bool kSplit>
void forward_on_tensor_cores(const Queue& queue, const Plan& plan) {
  using Shape = ForwardShape<kSplit>;
  using Hopper = ForwardRing<kSplit>;
  const Cut cut = plan.forward();
  if (plan.hopper) {
    launch(queue, forward_hopper<kKind, kGeneral, kSplit>, grid(cut), Hopper::kThreads, Hopper::kSharedBytes,
           plan.problem, cut.tiles, plan.sums);
  } else {
    launch(queue, forward_tiles<kKind, kGeneral, kSplit>, grid(cut), Shape::kThreads, Shape::kSharedBytes,
           plan.problem, cut.tiles, plan.sums);
  }
}

template <Kind kKind, bool kGeneral, bool kSplit>
void backward_on_tensor_cores(const Queue& queue, const Plan& plan) {
  using Shape = BackwardShape<kSplit>;
  using Hopper = BackwardRing<kSplit>;
  if (plan.hopper) {
    launch(queue, backward_hopper<kKind, kGeneral, kSplit>, dim3(static_cast<unsigned>(plan.runs)), Hopper::kThreads,
           Hopper::kSharedBytes, plan.problem, plan.runs, plan.gradients);
  } else {
    const Cut cut = plan.backward();
    launch(queue, backward_tiles<kKind, kGeneral, kSplit>, grid(cut), Shape::kThreads, Shape::kSharedBytes,
           plan.problem, cut.tiles, plan.gradients);
  }
}

// any and out differ in what finish makes of the sums, not in the sums.
template <bool kGeneral, bool kSplit>
void forward_rows(const Queue& queue, const Plan& plan) {
  if (plan.kind == Kind::jaccard) {
    forward_on_tensor_cores<Kind::jaccard, kGeneral, kSplit>(queue, plan);
  } else {
    forward_on_tensor_cores<Kind::any, kGeneral, kSplit>(queue, plan);
  }
}

template <bool kGeneral, bool kSplit>
void backward_rows(const Queue& queue, const Plan& plan) {
  switch (plan.kind) {
    case Kind::jaccard: return backward_on_tensor_cores<Kind::jaccard, kGeneral, kSplit>(queue, plan);
    case Kind::out: return backward_on_tensor_cores<Kind::out, kGeneral, kSplit>(queue, plan);
    default: return backward_on_tensor_cores<Kind::any, kGeneral, kSplit>(queue, plan);
  }
}

void forward_on_cores(const Queue& queue, const Plan& plan) {
  const Cut cut = plan.forward();
  const auto kernel = plan.kind == Kind::jaccard ? forward_general<Kind::jaccard> : forward_general<Kind::any>;
  PCD_LAUNCH(kernel, grid(cut), kGeneralThreads, 0, queue.stream, plan.problem, cut.tiles, plan.sums);
}

void backward_on_cores(const Queue& queue, const Plan& plan) {
  const Cut cut = plan.backward();
  const auto kernel = plan.kind == Kind::jaccard ? backward_general<Kind::jaccard>
                      : plan.kind == Kind::out   ? backward_general<Kind::out>
                                                 : backward_general<Kind::any>;
  PCD_LAUNCH(kernel, grid(cut), kGeneralThreads, 0, queue.stream, plan.problem, cut.tiles, plan.gradients);
}

}  // namespace

uint64_t supcon_workspace(const cudaDeviceProp& device, const pcd_supcon_desc& d) {
  pcd_supcon_desc shapes = d;
  shapes.workspace.buffer = nullptr;
  return Plan(device, shapes).bytes;
}

int32_t supcon_forward(const Queue& queue, const pcd_supcon_desc& d) {
  const Plan plan(queue.device, d);
  prepare(queue, d, plan, nullptr);
  if (!plan.tensor) {
    forward_on_cores(queue, plan);
  } else if (plan.split) {
    plan.general ? forward_rows<true, true>(queue, plan) : forward_rows<false, true>(queue, plan);
  } else {
    plan.general ? forward_rows<true, false>(queue, plan) : forward_rows<false, false>(queue, plan);
  }
  PCD_LAUNCH(finish, blocks(plan.problem.rows, kFinishThreads), kFinishThreads, 0, queue.stream, plan.problem,
             plan.kind == Kind::any, static_cast<int>(plan.forward().count), plan.sums, plan.losses, plan.anchors,
             plan.finished, data<float>(d.statistics), data<float>(d.loss), data<pcd_step_state>(d.state));
  return queue.launched("supcon_forward");
}

int32_t supcon_backward(const Queue& queue, const pcd_supcon_desc& d) {
  const Plan plan(queue.device, d);
  prepare(queue, d, plan, data<const float>(d.statistics));
  if (!plan.tensor) {
    backward_on_cores(queue, plan);
  } else if (plan.split) {
    plan.general ? backward_rows<true, true>(queue, plan) : backward_rows<false, true>(queue, plan);
  } else {
    plan.general ? backward_rows<true, false>(queue, plan) : backward_rows<false, false>(queue, plan);
  }
  const double unit = plan.tensor ? static_cast<double>(kEmbeddingScale) : 1.0;
  const double scale = 1.0 / (static_cast<double>(d.temperature) * unit * static_cast<double>(1 << kPairExponent));
  PCD_LAUNCH(combine, std::min(blocks(plan.problem.rows, kCombineThreads / kernels::kWarp), 4096u), kCombineThreads, 0,
             queue.stream, plan.problem, plan.backward().count, plan.runs, plan.block_rows_backward, plan.width,
             plan.gradients, plan.anchors, scale, data<pcd_step_state>(d.state), data<float>(d.z_grad));
  return queue.launched("supcon_backward");
}

}  // namespace pcd::cuda
