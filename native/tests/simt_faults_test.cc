// SPDX-License-Identifier: Apache-2.0
//
// Faults in how a kernel's threads meet and use memory, planted in small kernels, each beside its corrected
// twin: what the SIMT executor says about them, or that results change with the order in which threads take
// turns.
#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "support/simt.h"

namespace {

using namespace pcd::test;
using namespace pcd::kernels;

constexpr int kThreads = 128;

// ---- barriers

enum class Barrier { right, divergent, left_early, other_id, other_count, partial_warp };

// Threads exchange numbers across warps.
template <Barrier kKind>
PCD_KERNEL void exchange(int* out) {
  __shared__ int numbers[kThreads];
  const int thread = threadIdx.x;
  numbers[thread] = thread * thread;
  if (kKind == Barrier::left_early && thread >= 96) return;
  if (kKind == Barrier::divergent) {
    if (thread < 64) __syncthreads();  // the others never come
  } else if (kKind == Barrier::other_id) {
    barrier(thread < 64 ? 1 : 2, kThreads);
  } else if (kKind == Barrier::other_count) {
    barrier(1, thread < 64 ? kThreads : 64);
  } else if (kKind == Barrier::partial_warp) {
    barrier(1, 40);
  } else {
    __syncthreads();
  }
  out[thread] = numbers[kThreads - 1 - thread];
}

template <Barrier kKind>
std::string exchanged(std::vector<int>* out) {
  out->assign(kThreads, 0);
  return launch(exchange<kKind>, 1, kThreads, 0, out->data());
}

void barriers() {
  std::vector<int> out;
  expect_passes(exchanged<Barrier::right>(&out), "a barrier for all");
  for (int i = 0; i < kThreads; ++i) {
    const int other = kThreads - 1 - i;
    expect(out[static_cast<size_t>(i)] == other * other, "what was written before the barrier");
  }
  expect_fault(exchanged<Barrier::divergent>(&out), "__syncthreads", "a barrier in a branch");
  expect_fault(exchanged<Barrier::left_early>(&out), "divergent barrier",
               "threads that exit before the barrier");
  expect_fault(exchanged<Barrier::other_id>(&out), "barrier.sync 2", "barriers of two names");
  expect_fault(exchanged<Barrier::other_count>(&out), "divergent barrier",
               "a barrier for two numbers of threads");
  expect_fault(exchanged<Barrier::partial_warp>(&out), "whole warps", "a barrier for a part of a warp");
}

// ---- instructions of a whole warp

enum class Warp { right, in_branch, two_kinds, exited, wrong_mask };

template <Warp kKind>
PCD_KERNEL void sum_of_lanes(int* out) {
  const int lane = threadIdx.x % kWarp;
  int sum = lane;
  if (kKind == Warp::exited && lane == 5) return;
  if (kKind == Warp::in_branch && lane < 16) {
    sum += __shfl_xor_sync(kFullMask, sum, 1);
  } else if (kKind == Warp::two_kinds && lane < 16) {
    __syncwarp();
  } else if (kKind == Warp::wrong_mask) {
    sum += __shfl_xor_sync(0xffffu, sum, 1);
  } else if (kKind != Warp::in_branch) {
    for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(kFullMask, sum, distance);
  }
  out[threadIdx.x] = sum;
}

template <Warp kKind>
std::string summed(std::vector<int>* out) {
  out->assign(kThreads, 0);
  return launch(sum_of_lanes<kKind>, 1, kThreads, 0, out->data());
}

void warps() {
  std::vector<int> out;
  expect_passes(summed<Warp::right>(&out), "shuffles of whole warps");
  expect(out == std::vector<int>(kThreads, 31 * 16), "a sum by shuffles");
  expect_fault(summed<Warp::in_branch>(&out), "divergent warp", "a shuffle in a branch");
  expect_fault(summed<Warp::two_kinds>(&out), "divergent warp", "lanes at two instructions");
  expect_fault(summed<Warp::exited>(&out), "divergent warp", "a lane that has exited");
  expect_fault(summed<Warp::wrong_mask>(&out), "of which this lane is none",
               "a mask without the lane itself");
}

PCD_KERNEL void matrix_in_part_of_a_warp() {
  float d[4] = {};
  const uint32_t a[4] = {};
  mma_bf16(d, a, 0, 0);
}

// ---- the barrier between who writes and who reads, and other dependence on order

enum class Order { right, no_barrier, two_writers, no_warp_barrier, unordered_sum };

template <Order kKind>
PCD_KERNEL void ordered(float* out) {
  __shared__ float shared[kThreads];
  __shared__ float last;
  const int thread = threadIdx.x;
  if (thread == 0) last = 0;
  if (kKind == Order::no_barrier || kKind == Order::no_warp_barrier) shared[thread] = -1;
  __syncthreads();
  if (kKind == Order::unordered_sum) {
    last += 1.0f / static_cast<float>(thread + 1);  // as an atomic sum of floats would be
  } else if (kKind == Order::two_writers) {
    last = static_cast<float>(thread);
  } else {
    shared[thread] = static_cast<float>(thread);
  }
  if (kKind == Order::right || kKind == Order::unordered_sum || kKind == Order::two_writers) __syncthreads();
  const bool one = kKind == Order::two_writers || kKind == Order::unordered_sum;
  const int other = kKind == Order::no_warp_barrier ? thread ^ 1 : kThreads - 1 - thread;
  out[thread] = one ? last : shared[other];
}

// Different results under different orders?
template <Order kKind>
bool depends_on_order(const char* what) {
  std::set<std::vector<float>> results;
  in_every_order("90a", [&] {
    std::vector<float> out(kThreads);
    expect_passes(launch(ordered<kKind>, 1, kThreads, 0, out.data()), what);
    results.insert(out);
  });
  return results.size() > 1;
}

void orders() {
  expect(!depends_on_order<Order::right>("a barrier between writing and reading"),
         "the order should not matter");
  expect(depends_on_order<Order::no_barrier>("no barrier"), "a missing barrier should show under some order");
  expect(depends_on_order<Order::no_warp_barrier>("no __syncwarp"),
         "a missing __syncwarp should show under some order");
  expect(depends_on_order<Order::two_writers>("two writers"),
         "two writers of a place should show under some order");
  expect(depends_on_order<Order::unordered_sum>("a sum in the order of arrival"),
         "a sum in any order should show");
}

// ---- shared memory

enum class Memory { right, one_too_far, before, wrapper_outside, wrapper_odd, foreign_pointer, unwritten };

template <Memory kKind>
PCD_KERNEL void touch(const uint32_t* global, uint32_t* out) {
  PCD_DYNAMIC_SHARED(uint32_t, shared, 16);
  const int lane = threadIdx.x;
  for (int i = lane; i < 128; i += kWarp) {
    if (kKind != Memory::unwritten || i != 77) shared[i] = static_cast<uint32_t>(i);
  }
  volatile uint32_t* any = shared;  // the compiler must not see where it ends
  if (kKind == Memory::one_too_far && lane == 3) any[128] = 1;
  if (kKind == Memory::before && lane == 3) any[-1] = 1;
  __syncwarp();
  uint32_t address =
      shared_address(kKind == Memory::foreign_pointer ? global : shared) + static_cast<uint32_t>(lane) * 16;
  if (kKind == Memory::wrapper_outside) address += 16;
  if (kKind == Memory::wrapper_odd) address += 8;
  uint32_t r[4];
  load_matrices(address, r);
  for (int i = 0; i < 4; ++i) out[4 * lane + i] = r[i];
}

template <Memory kKind>
std::string touched(std::vector<uint32_t>* out) {
  const std::vector<uint32_t> global(256);
  out->assign(128, 0);
  return launch(touch<kKind>, 1, kWarp, 512, global.data(), out->data());
}

// The second block finds nothing of what the first one left; templates' variables too are shared memory.
template <bool kWrites>
PCD_KERNEL void leave(uint32_t* out) {
  __shared__ uint4 pieces[32];
  uint32_t* const words = &pieces[0].x;
  const int lane = threadIdx.x;
  if (kWrites || blockIdx.x == 0) {
    for (int i = lane; i < 128; i += kWarp) words[i] = static_cast<uint32_t>(i);
  }
  __syncwarp();
  uint32_t r[4];
  load_matrices(shared_address(words + 4 * lane), r);
  out[blockIdx.x * kWarp + lane] = r[0];
}

PCD_KERNEL void nothing(int) {}

void memory() {
  std::vector<uint32_t> out, again;
  expect_passes(touched<Memory::right>(&out), "accesses within shared memory");
  expect_passes(touched<Memory::unwritten>(&again), "a word that nobody writes");
  expect(out != again, "a word that nobody wrote should not look like one that was");
  std::vector<uint32_t> left(64), left_over(64);
  expect_passes(launch(leave<true>, 2, kWarp, 0, left.data()), "static shared memory");
  expect_passes(launch(leave<false>, 2, kWarp, 0, left_over.data()),
                "static words that only one block writes");
  expect(std::equal(left.begin(), left.begin() + 32, left.begin() + 32), "each block writes its own words");
  expect(!std::equal(left.begin() + 32, left.end(), left_over.begin() + 32),
         "a block finds words of another one");
#if !defined(__SANITIZE_ADDRESS__)  // where the sanitizer itself stops the program
  expect_fault(touched<Memory::one_too_far>(&out), "overrun", "a write one word past dynamic shared memory");
  expect_fault(touched<Memory::before>(&out), "overrun", "a write one word before dynamic shared memory");
#endif
  expect_fault(touched<Memory::wrapper_outside>(&out), "dynamic shared memory",
               "ldmatrix out of shared memory");
  expect_fault(touched<Memory::wrapper_odd>(&out), "multiple of 16", "ldmatrix at an odd address");
  expect_fault(touched<Memory::foreign_pointer>(&out), "not into shared memory",
               "the shared address of global memory");
  PCD_LAUNCH(nothing, 1, 32, 64 * 1024, nullptr, 0);
  const cudaError_t error = cudaGetLastError();
  expect_fault(error == cudaSuccess ? "" : cudaGetErrorString(error), "cudaFuncSetAttribute has allowed",
               "more than 48 KiB without asking");
  expect_fault(launch(nothing, 1, 32, 228 * 1024, 0), "dynamic shared memory",
               "more than a multiprocessor has");
  expect_fault(launch(nothing, 1, 1025, 0, 0), "1025", "more than 1024 threads");
}

// ---- all wait

PCD_KERNEL void wait_in_a_circle(bool circle) {
  const int warp = threadIdx.x / kWarp;
  barrier(circle ? 1 + warp % 2 : 1, 2 * kWarp);
  barrier(circle ? 2 - warp % 2 : 2, 2 * kWarp);
}

void deadlock() {
  expect_passes(launch(wait_in_a_circle, 1, 64, 0, false), "two barriers in the same order");
  const std::string sentence = launch(wait_in_a_circle, 1, 64, 0, true);
  expect_fault(sentence, "deadlock", "two barriers in opposite orders");
  expect_fault(sentence, "32 of 64 threads (0 to 31) wait at barrier.sync 1", "who waits, and where");
  expect_fault(sentence, "wait_in_a_circle", "the kernel's name");
}

void architectures() {
  expect_passes(launch(exchange<Barrier::right>, 1, kThreads, 0, std::vector<int>(kThreads).data()),
                "on any architecture");
  pcd::simt::use_settings("75", "forward");
  expect_fault(launch(matrix_in_part_of_a_warp, 1, 32, 0), "needs sm_80", "mma of bf16 on sm_75");
  pcd::simt::use_settings("80", "forward");
  expect_passes(launch(matrix_in_part_of_a_warp, 1, 32, 0), "mma of bf16 on sm_80");
  expect_fault(launch(matrix_in_part_of_a_warp, 1, 20, 0), "whole warp", "mma of bf16 in a part of a warp");
  pcd::simt::use_settings("90a", "forward");
}

}  // namespace

int main() {
  for (const char* order : {"reverse", "7", "forward"}) {
    pcd::simt::use_settings("90a", order);
    barriers();
    warps();
  }
  orders();
  memory();
  deadlock();
  architectures();
  return verdict();
}
