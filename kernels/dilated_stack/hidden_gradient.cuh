// SPDX-License-Identifier: Apache-2.0
//
// The first step of a block's backward pass on tensor cores, row by row: dg = dy·P, then through GELU and layer norm
// to du, the gradient of the convolution's output; and the hidden layer g again, for the pointwise weights' gradient.
// Reads dy and x̂, writes du and g. With v = gain·x̂ + shift, dv = dg·GELU'(v), s = gain·dv:
//   du = (s - mean(s) - x̂·mean(s·x̂)) / σ.
// Each warp keeps its sums over rows, for the gradients of the vectors, in shared memory; they are added in order.
#ifndef PCD_KERNELS_DILATED_STACK_HIDDEN_GRADIENT_CUH
#define PCD_KERNELS_DILATED_STACK_HIDDEN_GRADIENT_CUH

#include "dilated_stack/tile.cuh"

namespace pcd::kernels::stack {

PCD_BOTH int hidden_gradient_vectors(int c) { return c == 256 ? 0 : 2; }  // in shared memory

PCD_BOTH int hidden_gradient_shared_bytes(int c, bool wgmma, int groups, int ring) {
  const int sums = groups * 4 * kVectors * c * 4;  // of each warp
  const int tiles = c == 128 ? 3 : 1;  // dy and, at C = 128, twice x̂
  return slab_memory(c, wgmma, ring, 1) + hidden_gradient_vectors(c) * vector_bytes(c) + 2 * c +
         groups * tiles * tile_bytes(c, 0) + sums;
}

struct HiddenGradientArguments {
  const bf16* dy;
  const bf16* normal;
  const float* deviation;
  const char* packed;  // the exchanged pointwise matrix of this block
  const float* parameters;
  bf16* du;
  bf16* hidden;
  float* vectors;  // [blocks of the grid][4][C]
  Rows shape;      // dilation 0
};

// kRing as in forward.
template <int C, int kGroups, bool kWgmma, int kRing>
PCD_KERNEL void __launch_bounds__(kGroups* kWarpgroup, C == 64 ? 2 : 1)
    hidden_gradient(HiddenGradientArguments arguments) {
  if constexpr (kWgmma ? !kHaveWgmma : !kHaveMma) {
    __trap();
  } else {
    constexpr int kBlock = kGroups * kWarpgroup;
    // x̂ is needed in two passes over columns: kept in registers (64), in two tiles of its own (128), or copied to
    // dy's tile when that has been read (256).
    constexpr bool kKeep = C == 64, kTile = C >= 128, kShare = C == 256;
    constexpr int kTileBytes = tile_bytes(C, 0), kSlabMemory = slab_memory(C, kWgmma, kRing, 1);
    PCD_DYNAMIC_SHARED(char, memory, 1024);
    const uint32_t base = shared_address(memory);
    const Place place;
    const int group = threadIdx.x / kWarpgroup;
    const Rows shape = arguments.shape;
    constexpr int kVectorMemory = hidden_gradient_vectors(C) * vector_bytes(C);
    const uint32_t zeros = base + kSlabMemory + kVectorMemory, tile = zeros + 2 * C + group * kTileBytes,
                   normal_tiles = kShare ? tile : zeros + 2 * C + (kGroups + 2 * group) * kTileBytes;
    const uint32_t tiles = (shape.rows + kGroupRows - 1) / kGroupRows, stride = gridDim.x * kGroups;

    const Parameters<const float> p(arguments.parameters, C);
    float* vectors = reinterpret_cast<float*>(memory + kSlabMemory);
    const Vector<C> gains(p.gain, vectors, kBlock), shifts(p.shift, vectors + C, kBlock);
    clear_row<C>(memory + kSlabMemory + kVectorMemory, kBlock);
    uint32_t first = blockIdx.x * kGroups;
    copy_tile<C>(arguments.dy, shape, (first + group) * kGroupRows, 0, tile, place.thread);
    if constexpr (kTile && !kShare) {
      copy_tile<C>(arguments.normal, shape, (first + group) * kGroupRows, 0, normal_tiles, place.thread);
    }
    uint32_t normal_tile = normal_tiles;
    const int rounds = static_cast<int>((tiles - first + stride - 1) / stride);
    auto weights = Slabs<C, kWgmma, kRing, 1, kBlock>::open(arguments.packed, memory, rounds);

    // Lane 4·g + q keeps the sums of columns 32·j4 + 8·(g / 2) + 2·q + g mod 2.
    constexpr int kTiles = kGroups * (kTile && !kShare ? 3 : 1);
    float* all_sums = reinterpret_cast<float*>(memory + kSlabMemory + kVectorMemory + 2 * C + kTiles * kTileBytes);
    float* sums = all_sums + (threadIdx.x / kWarp) * (kVectors * C) + place.lane;
    for (int i = 0; i < kVectors * C; i += kWarp) sums[i] = 0.0f;
    const auto add_sum = [&](int vector, int j4, float(&v)[8]) {
      sums[vector * C + 32 * j4] += column_sum(v, place.group_row);
    };
    for (; first < tiles; first += stride) {
      const uint32_t row0 = (first + group) * kGroupRows;
      if (kRing == 0 && row0 >= shape.rows) break;
      const uint32_t row = row0 + place.row();
      const bool inside[2] = {row < shape.rows, row + 8 < shape.rows};
      uint4 normals[2][kKeep ? C / 32 : 1];
      if constexpr (kKeep) {
#pragma unroll
        for (int h = 0; h < 2; ++h) {
#pragma unroll
          for (int j4 = 0; j4 < C / 32; ++j4) {
            normals[h][j4] = fetch_quad(arguments.normal + static_cast<int64_t>(row) * C + 8 * h * C, j4, place.quad,
                                        inside[h]);
          }
        }
      }
      float acc[C / 2];
#pragma unroll
      for (int i = 0; i < C / 2; ++i) acc[i] = 0.0f;
      const LaneRow own = TileRow<C>(shape, row0, 0, tile, zeros, place).at(0);
#pragma unroll
      for (int kc = 0; kc < slabs(C); ++kc) {
        const uint32_t slab = weights.acquire(kc);  // which, in a ring, also waits for the tile
        uint32_t a[4][4];
#pragma unroll
        for (int k = 0; k < 4; ++k) load_matrices(own(kc * 4 + k), a[k]);
        multiply_slab<C, kWgmma>(acc, a, slab, place.lane);
        keep_order();
        if constexpr (kWgmma) {
          wgmma_wait<0>();
          weights.release();
        }
      }
#pragma unroll
      for (int j4 = 0; j4 < C / 32; ++j4) {  // sums of dy
        keep_order();
        uint32_t a[2][4];
        float v[8];
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          load_matrices(own(2 * j4 + half), a[half]);
#pragma unroll
          for (int e = 0; e < 4; e += 2) {
            v[4 * half + e] = low_bf16(a[half][e]) + low_bf16(a[half][e + 1]);
            v[4 * half + e + 1] = high_bf16(a[half][e]) + high_bf16(a[half][e + 1]);
          }
        }
        add_sum(3, j4, v);
      }
      barrier(1 + group, kWarpgroup);
      const LaneRow normal_row = TileRow<C>(shape, row0, 0, normal_tile, zeros, place).at(0);
      const bool more = first + stride < tiles;
      const uint32_t next = (first + stride + group) * kGroupRows;
      if constexpr (kShare) {
        copy_tile<C>(arguments.normal, shape, row0, 0, tile, place.thread);
        copy_async_commit();
        copy_async_wait<0>();
        barrier(1 + group, kWarpgroup);
      } else {
        normal_tile = normal_tile == normal_tiles ? normal_tiles + kTileBytes : normal_tiles;
        if (more) {
          int thread = place.thread;
          compute_afresh(thread);
          copy_tile<C>(arguments.dy, shape, next, 0, tile, thread);
          if constexpr (kTile) copy_tile<C>(arguments.normal, shape, next, 0, normal_tile, thread);
        }
        copy_async_commit();
      }
      const float reciprocal[2] = {inside[0] ? arguments.deviation[row] : 0.0f,
                                   inside[1] ? arguments.deviation[row + 8] : 0.0f};
      // Columns 32·j4 to 32·j4 + 31 of this lane's two rows, packed pairs of the four 8-column parts.
      const auto load_normals = [&](int j4, bool again, uint32_t(&n)[2][4]) {
        if constexpr (kTile) {
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            uint32_t a[4];
            load_matrices(normal_row(2 * j4 + half), a);
            n[0][2 * half] = a[0], n[1][2 * half] = a[1], n[0][2 * half + 1] = a[2], n[1][2 * half + 1] = a[3];
          }
        } else {
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            uint4& kept = normals[h][kKeep ? j4 : 0];
            n[h][0] = kept.x, n[h][1] = kept.y, n[h][2] = kept.z, n[h][3] = kept.w;
            if (again) continue;
            transpose_quad(n[h], place.quad);
            kept = make_uint4(n[h][0], n[h][1], n[h][2], n[h][3]);
          }
        }
      };

      float mean[2] = {}, along[2] = {};
#pragma unroll
      for (int j4 = 0; j4 < C / 32; ++j4) {
        keep_order();
        uint32_t n[2][4], hidden[2][4];
        load_normals(j4, false, n);
        float dshift[8] = {}, dgain[8] = {};
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          if constexpr (C > 64) keep_order();
          const float2 gain = gains.pair(4 * j4 + j, place.quad), shift = shifts.pair(4 * j4 + j, place.quad);
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            float g[2];
#pragma unroll
            for (int e = 0; e < 2; ++e) {
              const float x = e == 0 ? low_bf16(n[h][j]) : high_bf16(n[h][j]);
              const float factor = e == 0 ? gain.x : gain.y;
              const float v = fmaf(factor, x, e == 0 ? shift.x : shift.y);
              // GELU = v·s and GELU' = s + v·s·(1 - s)·2·du/dv with s = (1 + tanh u) / 2
              const float square = v * v;
              const float s = fmaf(tanh_approximate(v * fmaf(square, 0.0356774081f, 0.7978845608f)), 0.5f, 0.5f);
              g[e] = v * s;
              const float slope = fmaf(g[e] * fmaf(square, 0.214064449f, 1.595769122f), 1.0f - s, s);
              float& d = acc[4 * (4 * j4 + j) + 2 * h + e];
              const float dv = d * slope;
              dshift[2 * j + e] += dv;
              dgain[2 * j + e] = fmaf(dv, x, dgain[2 * j + e]);
              d = factor * dv;
              mean[h] += d;
              along[h] = fmaf(d, x, along[h]);
            }
            hidden[h][j] = pack_bf16(g[0], g[1]);
          }
        }
        add_sum(1, j4, dgain);
        add_sum(2, j4, dshift);
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          store_quad(arguments.hidden + static_cast<int64_t>(row) * C + 8 * h * C, j4, hidden[h], place.quad,
                     inside[h]);
        }
      }
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        mean[h] = quad_sum(mean[h]) * (1.0f / C);
        along[h] = quad_sum(along[h]) * (1.0f / C);
      }
#pragma unroll
      for (int j4 = 0; j4 < C / 32; ++j4) {
        keep_order();
        float dbias[8] = {};
        uint32_t n[2][4];
        load_normals(j4, true, n);
#pragma unroll
        for (int h = 0; h < 2; ++h) {
#pragma unroll
          for (int j = 0; j < 4; ++j) {
            const float* s = &acc[4 * (4 * j4 + j) + 2 * h];
            const float low = reciprocal[h] * (s[0] - mean[h] - low_bf16(n[h][j]) * along[h]);
            const float high = reciprocal[h] * (s[1] - mean[h] - high_bf16(n[h][j]) * along[h]);
            dbias[2 * j] += low;
            dbias[2 * j + 1] += high;
            n[h][j] = pack_bf16(low, high);
          }
          store_quad(arguments.du + static_cast<int64_t>(row) * C + 8 * h * C, j4, n[h], place.quad, inside[h]);
        }
        add_sum(0, j4, dbias);
      }
      if constexpr (kShare) {
        barrier(1 + group, kWarpgroup);
        if (more) copy_tile<C>(arguments.dy, shape, next, 0, tile, place.thread);
        copy_async_commit();
      }
      copy_async_wait<0>();
      barrier(1 + group, kWarpgroup);
    }
    copy_async_wait<0>();

    __syncthreads();
    for (int i = threadIdx.x; i < kVectors * C; i += kBlock) {
      const int column = i % 32, lane = 4 * (2 * (column / 8) + column % 2) + column % 8 / 2;
      float sum = 0.0f;
      for (int warp = 0; warp < kBlock / kWarp; ++warp) sum += all_sums[warp * (kVectors * C) + i - column + lane];
      arguments.vectors[static_cast<int64_t>(blockIdx.x) * kVectors * C + i] = sum;
    }
  }
}

}  // namespace pcd::kernels::stack

#endif
