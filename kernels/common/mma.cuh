// SPDX-License-Identifier: Apache-2.0
//
// The only place with PTX: matrix instructions, asynchronous copies and what goes with them, as named functions.
//
// Fragments of m16n8k16 (and of wgmma, which has the same for each warp's 16 rows): lane = 4·g + q holds of A
// a[0] = rows g, columns 2q and 2q+1; a[1] = row g + 8; a[2], a[3] = the same, columns + 8; of the result d[0], d[1] =
// row g, columns 2q and 2q+1; d[2], d[3] = row g + 8. So two neighbouring 8-column results, packed, are an A fragment.
#ifndef PCD_KERNELS_COMMON_MMA_CUH
#define PCD_KERNELS_COMMON_MMA_CUH

#include "common/device.cuh"

namespace pcd::kernels {

constexpr int kWarpgroup = 128;  // threads

// Kernels that need what a GPU lacks trap there, so that a wrong choice is seen; the wrappers are empty.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define PCD_HAVE_SM80 1
constexpr bool kHaveMma = true;
#else
#define PCD_HAVE_SM80 0
constexpr bool kHaveMma = false;
#endif
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
constexpr bool kHaveWgmma = true;
#else
constexpr bool kHaveWgmma = false;
#endif

PCD_DEVICE uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

// ---- asynchronous copies of 16 bytes, global to shared; `bytes` 0 writes zeros
PCD_DEVICE void copy_async(uint32_t target, const void* source, int bytes = 16) {
#if PCD_HAVE_SM80
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(source), "r"(bytes) : "memory");
#else
  (void)target, (void)source, (void)bytes;
#endif
}
PCD_DEVICE void copy_async_commit() {
#if PCD_HAVE_SM80
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
// Waits until at most N of this thread's committed groups are under way.
template <int N>
PCD_DEVICE void copy_async_wait() {
#if PCD_HAVE_SM80
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
#endif
}

// ---- copies of whole slabs by the copy engine, and the barriers in shared memory that count their bytes (sm_90)
PCD_DEVICE void count_init(uint32_t counter, uint32_t arrivals) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(counter), "r"(arrivals) : "memory");
#else
  (void)counter, (void)arrivals;
#endif
}
// After count_init, before the block's barrier.
PCD_DEVICE void count_init_fence() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.mbarrier_init.release.cluster;\n\tfence.proxy.async.shared::cta;" ::: "memory");
#endif
}
// By one thread: arrives and asks for `bytes`, a multiple of 16, from `source`.
PCD_DEVICE void copy_bulk(uint32_t target, const void* source, uint32_t bytes, uint32_t counter) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(counter), "r"(bytes) : "memory");
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(target),
      "l"(source), "r"(bytes), "r"(counter)
      : "memory");
#else
  (void)target, (void)source, (void)bytes, (void)counter;
#endif
}
// Waits for the end of the phase of this parity; the first phase has parity 0.
PCD_DEVICE void count_wait(uint32_t counter, uint32_t parity) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile(
      "{\n\t.reg .pred done;\n\t"
      "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n\t"
      "@!done bra AGAIN;\n\t}" ::"r"(counter),
      "r"(parity)
      : "memory");
#else
  (void)counter, (void)parity;
#endif
}

// ---- keeps the compiler from moving memory accesses across: unrolled loops would otherwise load everything first
// and run out of registers. A barrier of the warp, because ptxas moves them across anything less.
PCD_DEVICE void keep_order() { __syncwarp(); }
// ---- hides from the compiler where a value comes from: what follows from it is computed where it is used, and not
// once before a loop to lie in a register through all of it
template <typename Word>
PCD_DEVICE void compute_afresh(Word& value) { asm volatile("" : "+r"(value)); }

// ---- barrier among some of a block's threads; id 1 to 15
PCD_DEVICE void barrier(int id, int threads) {
  asm volatile("barrier.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

// ---- 8 × 8 matrices of 16-bit elements from shared memory; a lane gives the address of one row
PCD_DEVICE void load_matrices(uint32_t address, uint32_t (&r)[4]) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}
PCD_DEVICE void load_matrices_transposed(uint32_t address, uint32_t (&r)[4]) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

// ---- d += a·b, m16n8k16, bf16 operands, fp32 sums (sm_80)
PCD_DEVICE void mma_bf16(float* d, const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#if PCD_HAVE_SM80
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  (void)d, (void)a, (void)b0, (void)b1;
#endif
}

// ---- two fp32 numbers as bf16, the first in the lower half, and back
PCD_DEVICE uint32_t pack_bf16(float low, float high) {
#if PCD_HAVE_SM80
  uint32_t packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
#else
  return static_cast<uint32_t>(__bfloat16_as_ushort(__float2bfloat16_rn(high))) << 16 |
         __bfloat16_as_ushort(__float2bfloat16_rn(low));
#endif
}
PCD_DEVICE float low_bf16(uint32_t packed) { return __uint_as_float(packed << 16); }
PCD_DEVICE float high_bf16(uint32_t packed) { return __uint_as_float(packed & 0xffff0000u); }

// Absolute error below 2^-10, which is enough before a rounding to bf16.
PCD_DEVICE float tanh_approximate(float x) {
  float y;
  asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// ---- wgmma (sm_90a): d[64, N] += a[64, 16]·b[16, N], a in registers, b in shared memory

// Makes ordinary writes to shared memory visible to wgmma; before the barrier that follows the writes.
PCD_DEVICE void fence_shared_for_wgmma() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}
PCD_DEVICE void wgmma_fence() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}
PCD_DEVICE void wgmma_commit() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}
template <int N>
PCD_DEVICE void wgmma_wait() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
#endif
}

// Descriptor of a matrix with rows of 128 bytes (64 elements along k) in 128-byte swizzle, rows in groups of eight 1024
// bytes apart (PTX ISA, matrix descriptor format); 16 elements further along k are 2 more.
PCD_DEVICE uint64_t wgmma_descriptor(uint32_t address) {
  return static_cast<uint64_t>((address & 0x3ffffu) >> 4) | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 |
         uint64_t{1} << 62;
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define PCD_REGISTERS_4(i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define PCD_REGISTERS_16(i) \
  PCD_REGISTERS_4(i), PCD_REGISTERS_4((i) + 4), PCD_REGISTERS_4((i) + 8), PCD_REGISTERS_4((i) + 12)
#define PCD_REGISTERS_32(i) PCD_REGISTERS_16(i), PCD_REGISTERS_16((i) + 16)
#define PCD_NAMES_0                                                                                                   \
  "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30," \
  "%31"
#define PCD_NAMES_1                                                                                                    \
  ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59," \
  "%60,%61,%62,%63"
#define PCD_NAMES_2                                                                                                    \
  ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91," \
  "%92,%93,%94,%95"
#define PCD_NAMES_3                                                                                                    \
  ",%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,"  \
  "%119,%120,%121,%122,%123,%124,%125,%126,%127"
#endif

template <int N>
PCD_DEVICE void wgmma(float (&d)[N / 2], const uint32_t (&a)[4], uint64_t b) {
  static_assert(N == 64 || N == 128 || N == 256, "widths of the blocks");
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  if constexpr (N == 64) {
    asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {" PCD_NAMES_0
                 "}, {%32,%33,%34,%35}, %36, 1, 1, 1, 0;"
                 : PCD_REGISTERS_32(0)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
  } else if constexpr (N == 128) {
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {" PCD_NAMES_0 PCD_NAMES_1
                 "}, {%64,%65,%66,%67}, %68, 1, 1, 1, 0;"
                 : PCD_REGISTERS_32(0), PCD_REGISTERS_32(32)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
  } else {
    asm volatile("wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {" PCD_NAMES_0 PCD_NAMES_1 PCD_NAMES_2
                     PCD_NAMES_3 "}, {%128,%129,%130,%131}, %132, 1, 1, 1, 0;"
                 : PCD_REGISTERS_32(0), PCD_REGISTERS_32(32), PCD_REGISTERS_32(64), PCD_REGISTERS_32(96)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
  }
#else
  (void)d, (void)a, (void)b;
#endif
}

}  // namespace pcd::kernels

#endif
