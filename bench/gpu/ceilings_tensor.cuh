// SPDX-License-Identifier: Apache-2.0
// Tensor-core rate kernels for ceilings.cu: mma.sync (sm_80 and newer) and wgmma (sm_90a only). They
// compute nothing of use: operands are pseudo-random, results are dropped.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace ceilings {

// Two bf16 in [-1, 1) from a counter.
__device__ inline uint32_t random_pair(uint32_t i) {
  i = i * 747796405u + 2891336453u;
  uint32_t x = ((i >> ((i >> 28) + 4u)) ^ i) * 277803737u;
  x ^= x >> 22;
  __nv_bfloat162 v = __floats2bfloat162_rn(float(int16_t(x & 0xffff)) / 32768.0f,
                                           float(int16_t(x >> 16)) / 32768.0f);
  uint32_t bits;
  memcpy(&bits, &v, 4);
  return bits;
}

// Eight independent accumulator tiles a warp, m16n8k16.
__global__ void mma_kernel(float* out, int iterations) {
  uint32_t a[4], b[8][2];
  float d[8][4] = {};
  uint32_t seed = blockIdx.x * blockDim.x + threadIdx.x;
#pragma unroll
  for (int i = 0; i < 4; ++i) a[i] = random_pair(seed * 64 + i);
#pragma unroll
  for (int i = 0; i < 16; ++i) b[i / 2][i % 2] = random_pair(seed * 64 + 16 + i);
  for (int it = 0; it < iterations; ++it) {
#pragma unroll
    for (int k = 0; k < 8; ++k)
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
          "{%0,%1,%2,%3};"
          : "+f"(d[k][0]), "+f"(d[k][1]), "+f"(d[k][2]), "+f"(d[k][3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[k][0]), "r"(b[k][1]));
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < 8; ++k) sum += d[k][0] + d[k][1] + d[k][2] + d[k][3];
  if (sum == 1234.5678f) out[0] = sum;
}

// Two warpgroups with a 64 x 64 tile of A each (8 KiB) share one N x 64 tile of B (128·N bytes).
__host__ __device__ constexpr int wgmma_shared_bytes(int n) { return 2 * 8192 + n * 128 + 1024; }

// Descriptor of a K-major tile with 128-byte rows and 128-byte swizzle: rows in groups of eight, 1024
// bytes apart. PTX ISA, "Matrix descriptor format" of wgmma.
__device__ inline uint64_t descriptor(uint32_t address) {
  return uint64_t((address & 0x3ffffu) >> 4) | uint64_t(1) << 16 | uint64_t(1024 >> 4) << 32 |
         uint64_t(1) << 62;
}

#define COMMA ,
#define D4(i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define D16(i) D4(i), D4((i) + 4), D4((i) + 8), D4((i) + 12)
#define D32(i) D16(i), D16((i) + 16)
#define P0 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24," \
           "%25,%26,%27,%28,%29,%30,%31"
#define P1 "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,"   \
           "%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define P2 "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,"   \
           "%86,%87,%88,%89,%90,%91,%92,%93,%94,%95"
#define P3 "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,"\
           "%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"

// X0..X4 are the operand numbers that follow the accumulators.
#define WGMMA_SHARED(N, REGS, OPS, X0, X1)                                                             \
  asm volatile("wgmma.mma_async.sync.aligned.m64n" #N "k16.f32.bf16.bf16 {" REGS "}, " X0 ", " X1      \
               ", 1, 1, 1, 0, 0;"                                                                      \
               : OPS                                                                                   \
               : "l"(a), "l"(b))
#define WGMMA_REGISTERS(N, REGS, OPS, X0, X1, X2, X3, X4)                                              \
  asm volatile("wgmma.mma_async.sync.aligned.m64n" #N "k16.f32.bf16.bf16 {" REGS "}, {" X0 "," X1 "," \
               X2 "," X3 "}, " X4 ", 1, 1, 1, 0;"                                                      \
               : OPS                                                                                   \
               : "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]), "l"(b))

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
template <int N>
__device__ inline void wgmma_shared(float* d, uint64_t a, uint64_t b) {
  if constexpr (N == 64) {
    WGMMA_SHARED(64, P0, D32(0), "%32", "%33");
  } else if constexpr (N == 128) {
    WGMMA_SHARED(128, P0 "," P1, D32(0) COMMA D32(32), "%64", "%65");
  } else {
    WGMMA_SHARED(256, P0 "," P1 "," P2 "," P3, D32(0) COMMA D32(32) COMMA D32(64) COMMA D32(96), "%128",
                 "%129");
  }
}

template <int N>
__device__ inline void wgmma_registers(float* d, const uint32_t* r, uint64_t b) {
  if constexpr (N == 64) {
    WGMMA_REGISTERS(64, P0, D32(0), "%32", "%33", "%34", "%35", "%36");
  } else if constexpr (N == 128) {
    WGMMA_REGISTERS(128, P0 "," P1, D32(0) COMMA D32(32), "%64", "%65", "%66", "%67", "%68");
  } else {
    WGMMA_REGISTERS(256, P0 "," P1 "," P2 "," P3, D32(0) COMMA D32(32) COMMA D32(64) COMMA D32(96),
                    "%128", "%129", "%130", "%131", "%132");
  }
}
#endif

// K = 256 an iteration: four wgmma of k16 that walk along the tiles' 128-byte rows, four times over.
template <int N, bool kRegisters>
__global__ void __launch_bounds__(256, N == 256 ? 1 : 2) wgmma_kernel(float* out, int iterations) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  extern __shared__ uint8_t raw[];
  uint32_t base = (uint32_t(__cvta_generic_to_shared(raw)) + 1023u) & ~1023u;
  uint32_t words = (2 * 8192 + N * 128) / 4;
  for (uint32_t i = threadIdx.x; i < words; i += blockDim.x)
    asm volatile("st.shared.u32 [%0], %1;" ::"r"(base + i * 4), "r"(random_pair(blockIdx.x * 65536 + i)));
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  uint64_t a = descriptor(base + (threadIdx.x / 128) * 8192), b = descriptor(base + 2 * 8192);
  uint32_t r[4];
  for (int i = 0; i < 4; ++i) r[i] = random_pair(threadIdx.x * 4 + i);
  float d[N / 2];
#pragma unroll
  for (int i = 0; i < N / 2; ++i) d[i] = float(threadIdx.x & 3);
  for (int it = 0; it < iterations; ++it) {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int k = 0; k < 16; ++k) {  // 32 bytes along the row: 2 in the descriptor's units
      if constexpr (kRegisters)
        wgmma_registers<N>(d, r, b + 2 * (k % 4));
      else
        wgmma_shared<N>(d, a + 2 * (k % 4), b + 2 * (k % 4));
    }
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < N / 2; ++i) sum += d[i];
  if (sum == 1234.5678f) out[0] = sum;
#else
  (void)out;
  (void)iterations;
#endif
}

}  // namespace ceilings
