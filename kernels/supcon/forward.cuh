// SPDX-License-Identifier: Apache-2.0
//
// supcon, forward on the tensor cores: a block holds kWarps·16·kM rows in registers and walks over one strip of
// columns; the sums of its rows over the strip go to `partial`, which finish adds up in order.
#ifndef PCD_KERNELS_SUPCON_FORWARD_CUH
#define PCD_KERNELS_SUPCON_FORWARD_CUH

#include "supcon/pairs.cuh"
#include "supcon/tiles.cuh"

namespace pcd::kernels::supcon {

template <bool kSplit>
struct ForwardShape {
  static constexpr int kM = kSplit ? 1 : 2;        // 16-row operands of a warp
  static constexpr int kWarps = kSplit ? 8 : 12;
  static constexpr int kThreads = kWarps * kWarp;
  static constexpr int kRows = kWarps * 16 * kM;
  static constexpr int kStages = kSplit ? 2 : 3;  // less than 99 KB, what sm_86, sm_89 and sm_120 have
  static constexpr int kPairs = kSplit ? 2 : 1;    // 16-column groups at a time
  static constexpr int kSharedBytes = kStages * kStageBytes<kSplit>;
};

// Adds the four lanes' sums of the rows g and g + 8 from `first` on, and writes them.
PCD_DEVICE void write_sums(const Sums (&sums)[2], int64_t first, int64_t rows, float4* partial) {
  const int lane = threadIdx.x % kWarp;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float4 sum = make_float4(sums[h].all, sums[h].positive, sums[h].weight, sums[h].similarity);
#pragma unroll
    for (int offset = 1; offset <= 2; offset *= 2) {
      sum.x += __shfl_xor_sync(kFullMask, sum.x, offset);
      sum.y += __shfl_xor_sync(kFullMask, sum.y, offset);
      sum.z += __shfl_xor_sync(kFullMask, sum.z, offset);
      sum.w += __shfl_xor_sync(kFullMask, sum.w, offset);
    }
    const int64_t row = first + h * 8 + lane / 4;
    if (lane % 4 == 0 && row < rows) partial[row] = sum;
  }
}

// partial [strips][rows]; grid (rows / kRows, strips).
template <Kind kKind, bool kGeneral, bool kSplit>
PCD_KERNEL void __launch_bounds__(ForwardShape<kSplit>::kThreads, 1)
    forward_tiles(Problem p, int64_t strip_tiles, float4* partial) {
  if constexpr (kHaveMma) {
    using Shape = ForwardShape<kSplit>;
    constexpr int kM = Shape::kM, kPairs = Shape::kPairs;
    PCD_DYNAMIC_SHARED(unsigned char, stages, 128);
    const uint32_t shared = shared_address(stages);
    const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, g = lane / 4, t = lane % 4;
    const int64_t warp_row = static_cast<int64_t>(blockIdx.x) * Shape::kRows + warp * 16 * kM;
    const int64_t begin = blockIdx.y * strip_tiles;
    const int64_t end = begin + strip_tiles < p.tiles ? begin + strip_tiles : p.tiles;

    RowFragment<kSplit> fragment[kM];
    Row rows[kM][2];
    Sums sums[kM][2] = {};
#pragma unroll
    for (int m = 0; m < kM; ++m) {
      int64_t index[2];
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        const int64_t row = warp_row + m * 16 + h * 8 + g;
        index[h] = p.row_begin + (row < p.rows ? row : p.rows - 1);
        rows[m][h].load(p, index[h]);
      }
      fragment[m].load(p, index);
    }
    const int32_t own_row = static_cast<int32_t>(p.row_begin + warp_row);
    const bool wide = p.words > 2;

#pragma unroll
    for (int stage = 0; stage < Shape::kStages - 1; ++stage) {
      if (begin + stage < end) {
        load_tile<kSplit, Shape::kThreads>(p, begin + stage, shared + stage * kStageBytes<kSplit>);
      }
      copy_async_commit();
    }
    int stage = 0, next = Shape::kStages - 1;
    for (int64_t tile = begin; tile < end; ++tile) {
      copy_async_wait<Shape::kStages - 2>();
      __syncthreads();
      if (tile + Shape::kStages - 1 < end) {
        load_tile<kSplit, Shape::kThreads>(p, tile + Shape::kStages - 1, shared + next * kStageBytes<kSplit>);
      }
      copy_async_commit();
      const uint32_t image = shared + stage * kStageBytes<kSplit> + lane_offset_columns();
      const Entries& entries =
          *reinterpret_cast<const Entries*>(stages + stage * kStageBytes<kSplit> + kParts<kSplit> * kImage);
      int place[kM];
      bool diagonal = false;
#pragma unroll
      for (int m = 0; m < kM; ++m) {
        place[m] = place_in_tile(own_row + m * 16, static_cast<int32_t>(tile));
        diagonal |= place[m] != kNoTile;
      }
#pragma unroll 1
      for (int part = 0; part < kTile; part += 16 * kPairs) {
        float s[kM][2 * kPairs][4];
        similarities<kSplit, kM, kPairs>(fragment, image + part * 128, s);
        const auto add = [&](auto is_diagonal) {
#pragma unroll
          for (int n = 0; n < 2 * kPairs; ++n) {
            const int column = part + n * 8;
            const Columns<kKind, kGeneral> columns(entries, column + 2 * t);
#pragma unroll
            for (int m = 0; m < kM; ++m) {
              int32_t common[4];
              common_bits<kGeneral>(fragment[m].bits, entries, column, wide,
                                    kKind == Kind::jaccard ? kCountBias : 0, common);
#pragma unroll
              for (int i = 0; i < 4; ++i) {
                if (decltype(is_diagonal)::value && column + 2 * t + i % 2 == place[m] + i / 2 * 8 + g) continue;
                sums[m][i / 2].add(columns, i % 2, rows[m][i / 2], p.scale, s[m][n][i], common[i]);
              }
            }
          }
        };
        if (diagonal) {
          add(Constant<true>());
        } else {
          add(Constant<false>());
        }
      }
      stage = stage + 1 == Shape::kStages ? 0 : stage + 1;
      next = next + 1 == Shape::kStages ? 0 : next + 1;
    }

#pragma unroll
    for (int m = 0; m < kM; ++m) write_sums(sums[m], warp_row + m * 16, p.rows, partial + blockIdx.y * p.rows);
  } else {
    __trap();
  }
}

// Statistics of the rows, and by the block that ends last the loss: fixed order throughout. `losses` [blocks] and
// `anchors` [blocks] are scratch, `finished` counts blocks from 0.
constexpr int kFinishThreads = 128;
PCD_KERNEL void __launch_bounds__(kFinishThreads)
    finish(Problem p, bool any, int strips, const float4* partial, double* losses, int32_t* anchors,
           unsigned* finished, float* statistics, float* loss, pcd_step_state* state) {
  __shared__ double shared[32];
  __shared__ int32_t shared_count[32];
  __shared__ bool last;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kFinishThreads + threadIdx.x;
  double row_loss = 0;
  int32_t anchor = 0;
  if (row < p.rows) {
    double all = 0, positive = 0, weight = 0, similarity = 0;
    for (int strip = 0; strip < strips; ++strip) {
      const float4 sum = partial[strip * p.rows + row];
      all += static_cast<double>(sum.x);
      positive += static_cast<double>(sum.y);
      weight += static_cast<double>(sum.z);
      similarity += static_cast<double>(sum.w);
    }
    const int64_t entry = p.row_begin + row;
    const float none = __int_as_float(0xff800000);
    float4 out = make_float4(none, none, 0.0f, 0.0f);
    // An entry that takes no part is no anchor either.
    if (p.entries[entry / kTile].base[entry % kTile] != -none) {
      constexpr double kLog2 = 0.693147180559945309;
      const double shift = static_cast<double>(p.shift) * kLog2;
      const double log_all = shift + log(all);
      out.x = static_cast<float>(log_all);
      out.z = static_cast<float>(weight);
      if (weight != 0) {
        const double log_positive = shift + log(positive);
        out.y = static_cast<float>(log_positive);
        out.w = static_cast<float>(
            log_all - (any ? log_positive : similarity / weight * (static_cast<double>(p.scale) * kLog2)));
      }
    }
    float* place = statistics + 4 * entry;
    place[0] = out.x, place[1] = out.y, place[2] = out.z, place[3] = out.w;
    // Not "> 0": a NaN must reach the loss.
    if (out.z != 0.0f) {
      row_loss = static_cast<double>(out.w);
      anchor = 1;
    }
  }
  row_loss = block_sum(row_loss, shared);
  anchor = block_sum(anchor, shared_count);
  if (threadIdx.x == 0) {
    losses[blockIdx.x] = row_loss;
    anchors[blockIdx.x] = anchor;
    __threadfence();
    last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return;
  __threadfence();
  double sum = 0;
  int32_t count = 0;
  for (unsigned i = threadIdx.x; i < gridDim.x; i += kFinishThreads) {
    sum += __ldcg(&losses[i]);
    count += __ldcg(&anchors[i]);
  }
  sum = block_sum(sum, shared);
  count = block_sum(count, shared_count);
  if (threadIdx.x != 0) return;
  if (state != nullptr) state->anchors = count;
  if (loss != nullptr) {
    loss[0] = count == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(count));
    loss[1] = static_cast<float>(sum);
    loss[2] = static_cast<float>(count);
  }
}

}  // namespace pcd::kernels::supcon

#endif
