// SPDX-License-Identifier: Apache-2.0
//
// Chains of multiply-adds in registers: on CUDA cores, by mma.sync and by wgmma. What they compute is dropped; thread 0
// writes how much it was.
#ifndef PCD_KERNELS_MULTIPLY_ADD_CUH
#define PCD_KERNELS_MULTIPLY_ADD_CUH

#include "common/device.cuh"
#include "common/mma.cuh"

namespace pcd::kernels::multiply_add {

constexpr int kThreads = 256;
constexpr int kChains = 8;
constexpr int kTurns = 64;  // of all chains in a round
constexpr int kBlocks = 4;  // a multiprocessor; of wgmma one, which has all its registers

// Multiply-adds of a block in a round.
constexpr double kFloatProducts = 1.0 * kThreads * kChains * kTurns;
constexpr double kMmaProducts = 1.0 * kThreads / kWarp * kChains * kTurns * 16 * 8 * 16;

constexpr int kColumns = 256;                   // of a wgmma
constexpr int kSteps = 4;                       // of 16 along the rows of 64 elements
constexpr int kTileBytes = kColumns * 64 * 2;   // the right operand in shared memory
constexpr int kWgmmaTurns = 8;
constexpr double kWgmmaProducts = 1.0 * kThreads / 128 * kWgmmaTurns * kSteps * 64 * kColumns * 16;

// `sum` is of all results. It is never NaN, which ptxas does not know: without a use of them it would drop all products.
PCD_DEVICE void report(float sum, double operations, double* out) {
  if (sum != sum) *out = 0;
  if (blockIdx.x == 0 && threadIdx.x == 0) *out = operations;
}

// Different in every thread and never 0.
PCD_DEVICE uint32_t operand(int i) {
  const float x = 0.5f + 0.001f * static_cast<float>((threadIdx.x + 37 * i) % 256);
  return pack_bf16(x, -x);
}

PCD_KERNEL void floats(int rounds, double operations, double* out) {
  float x[kChains];
#pragma unroll
  for (int i = 0; i < kChains; ++i) x[i] = static_cast<float>(threadIdx.x + i);
  for (int round = 0; round < rounds; ++round) {
#pragma unroll 4
    for (int turn = 0; turn < kTurns; ++turn) {
#pragma unroll
      for (int i = 0; i < kChains; ++i) x[i] = fmaf(x[i], 0.9997f, 0.0002f);
    }
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) sum += x[i];
  report(sum, operations, out);
}

PCD_KERNEL void mma(int rounds, double operations, double* out) {
  uint32_t a[4], b[kChains][2];
  float d[kChains][4] = {};
#pragma unroll
  for (int i = 0; i < 4; ++i) a[i] = operand(i);
#pragma unroll
  for (int i = 0; i < kChains; ++i) b[i][0] = operand(4 + 2 * i), b[i][1] = operand(5 + 2 * i);
  for (int round = 0; round < rounds; ++round) {
    for (int turn = 0; turn < kTurns; ++turn) {
#pragma unroll
      for (int i = 0; i < kChains; ++i) mma_bf16(d[i], a, b[i][0], b[i][1]);
    }
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) sum += d[i][0] + d[i][1] + d[i][2] + d[i][3];
  report(sum, operations, out);
}

PCD_KERNEL void __launch_bounds__(kThreads, 1) wgmma_tiles(int rounds, double operations, double* out) {
  PCD_DYNAMIC_SHARED(char, memory, 1024);
  uint32_t* const words = reinterpret_cast<uint32_t*>(memory);
  for (int i = threadIdx.x; i < kTileBytes / 4; i += kThreads) words[i] = operand(i);
  fence_shared_for_wgmma();
  __syncthreads();
  const uint64_t b = wgmma_descriptor(shared_address(memory));
  uint32_t a[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) a[i] = operand(i);
  float d[kColumns / 2] = {};
  for (int round = 0; round < rounds; ++round) {
    wgmma_fence();
#pragma unroll
    for (int turn = 0; turn < kWgmmaTurns; ++turn) {
#pragma unroll
      for (int step = 0; step < kSteps; ++step) wgmma<kColumns>(d, a, b + 2 * step);
    }
    wgmma_commit();
    wgmma_wait<0>();
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kColumns / 2; ++i) sum += d[i];
  report(sum, operations, out);
}

}  // namespace pcd::kernels::multiply_add

#endif
