// SPDX-License-Identifier: Apache-2.0
//
// cp.async, bulk copies and mbarriers on the SIMT executor: what they do, and the faults that kernels can
// make with them, each beside its corrected twin. A fault that no check can name gives wrong numbers instead.
#include <cmath>
#include <numeric>
#include <vector>

#include "support/simt.h"

namespace {

using namespace pcd::test;
using namespace pcd::kernels;

enum class Fault {
  none,
  no_wait,     // the copy is read without copy_async_wait
  no_commit,
  early_wait,  // copy_async_wait<1> where 0 is needed
  never_waited,
  no_barrier,      // after the wait
  source_changed,  // the source is written before the wait
  target_odd,      // not a multiple of 16
  target_outside,
  source_odd,
};

constexpr int kThreads = 64;

// Each thread copies 16 bytes and adds up its neighbour's.
template <Fault kFault>
PCD_KERNEL void neighbours(float* source, float* sum) {
  PCD_DYNAMIC_SHARED(float, shared, 16);
  const int thread = threadIdx.x, next = (thread + 1) % kThreads;
  uint32_t target = shared_address(shared + 4 * thread);
  if (kFault == Fault::target_odd) target += 4;
  if (kFault == Fault::target_outside) target += 16 * kThreads;
  copy_async(target, source + 4 * thread + (kFault == Fault::source_odd ? 1 : 0));
  if (kFault != Fault::no_commit) copy_async_commit();
  if (kFault == Fault::source_changed) source[4 * thread] = -1;
  if (kFault == Fault::early_wait) copy_async_wait<1>();
  if (kFault != Fault::no_wait && kFault != Fault::early_wait && kFault != Fault::never_waited) {
    copy_async_wait<0>();
  }
  if (kFault != Fault::no_barrier) __syncthreads();
  const float* own = shared + 4 * next;
  sum[thread] = own[0] + own[1] + own[2] + own[3];
  if (kFault == Fault::no_wait || kFault == Fault::early_wait) copy_async_wait<0>();
}

struct Neighbours {
  alignas(16) float source[4 * kThreads + 4];
  std::vector<float> sum = std::vector<float>(kThreads);

  template <Fault kFault>
  std::string run() {
    std::iota(source, source + 4 * kThreads + 4, 1.0f);
    return launch(neighbours<kFault>, 1, kThreads, 16 * kThreads, static_cast<float*>(source), sum.data());
  }
  bool right() const {
    for (int thread = 0; thread < kThreads; ++thread) {
      const int first = 4 * ((thread + 1) % kThreads) + 1;
      if (sum[static_cast<size_t>(thread)] != static_cast<float>(4 * first + 6)) return false;
    }
    return true;
  }
};

template <Fault kFault>
void gives_fault(const char* words, const char* what) {
  expect_fault(Neighbours().run<kFault>(), words, what);
}
template <Fault kFault>
void gives_wrong_numbers(const char* what) {
  Neighbours n;
  expect_passes(n.run<kFault>(), what);
  expect(!n.right(), std::string(what) + " should give wrong numbers");
}

// Groups end in order: with one left under way, the first two of three are there.
PCD_KERNEL void groups(const float* source, float* out) {
  PCD_DYNAMIC_SHARED(float, shared, 16);
  for (int i = 0; i < 3; ++i) {
    copy_async(shared_address(shared + 4 * i), source + 4 * i, i == 1 ? 8 : 16);
    copy_async_commit();
  }
  copy_async_wait<1>();
  for (int i = 0; i < 12; ++i) out[i] = shared[i];
  copy_async_wait<0>();
  out[12] = shared[8];
  copy_async(shared_address(shared), source, 0);
  copy_async_commit();
  copy_async_wait<0>();
  out[13] = shared[0];
}

void copies_in_groups() {
  alignas(16) float source[12];
  std::iota(source, source + 12, 1.0f);
  float out[14];
  expect_passes(launch(groups, 1, 1, 48, static_cast<const float*>(source), static_cast<float*>(out)),
                "groups of cp.async");
  const float expected[8] = {1, 2, 3, 4, 5, 6, 0, 0};
  for (int i = 0; i < 8; ++i) expect(out[i] == expected[i], "cp.async group, element " + std::to_string(i));
  for (int i = 8; i < 12; ++i) expect(std::isnan(out[i]), "a copy under way is poisoned");
  expect(out[12] == 9 && out[13] == 0, "the last group, and a copy of zeros");
}

// ---------------------------------------------------------------------------------- bulk copies, mbarriers --

enum class Bulk {
  none,
  no_wait,
  never_waited,
  wrong_parity,
  no_init,
  no_init_fence,
  extra_arrival,
  missing_arrival,
  counter_overwritten,
  initialised_twice,
  odd_bytes,
  odd_target,
  odd_source,
  outside,
  odd_counter,
  early_reuse,  // the place is asked for again before everybody has read it
  too_few_bytes
};

constexpr int kPieces = 4, kPiece = 128;  // floats

// Pieces of the source through a ring of two places; each thread adds up one column.
template <Bulk kFault>
PCD_KERNEL void stream(const float* source, float* sum) {
  PCD_DYNAMIC_SHARED(float, shared, 16);
  const uint32_t base = shared_address(shared), full = base + 2 * kPiece * 4, empty = full + 16;
  if (threadIdx.x == 0 && kFault != Bulk::no_init) {
    for (uint32_t i = 0; i < 2; ++i) {
      count_init(full + 8 * i + (kFault == Bulk::odd_counter ? 4 : 0),
                 kFault == Bulk::missing_arrival ? 2 : 1);
      count_init(empty + 8 * i, kPiece / kWarp);
    }
    if (kFault == Bulk::initialised_twice) count_init(full, 1);
    if (kFault != Bulk::no_init_fence) count_init_fence();
  }
  __syncthreads();
  if (kFault == Bulk::counter_overwritten) shared[2 * kPiece] = 0;
  const auto ask = [&](int piece) {
    const uint32_t place = static_cast<uint32_t>(piece % 2);
    uint32_t target = base + place * kPiece * 4, bytes = kPiece * 4;
    const float* from = source + piece * kPiece;
    if (kFault == Bulk::odd_bytes) bytes -= 8;
    if (kFault == Bulk::odd_target) target += 8;
    if (kFault == Bulk::odd_source) from += 1;
    if (kFault == Bulk::outside) target += 1 << 16;
    if (kFault == Bulk::too_few_bytes) {
      pcd::simt::counter_expect(full + 8 * place, bytes - 16);
      pcd::simt::counter_arrive(full + 8 * place);
      pcd::simt::bulk_copy(target, from, bytes, full + 8 * place);
      return;
    }
    copy_bulk(target, from, bytes, full + 8 * place);
    if (kFault == Bulk::extra_arrival) count_arrive(full + 8 * place);
  };
  if (threadIdx.x == 0) {
    ask(0);
    ask(1);
  }
  float total = 0;
  for (int piece = 0; piece < kPieces; ++piece) {
    const uint32_t place = static_cast<uint32_t>(piece % 2), parity = static_cast<uint32_t>(piece / 2 % 2);
    if (kFault != Bulk::never_waited && kFault != Bulk::no_wait) {
      count_wait(full + 8 * place, kFault == Bulk::wrong_parity ? parity ^ 1 : parity);
    }
    total += shared[place * kPiece + threadIdx.x];
    if (kFault == Bulk::no_wait) count_wait(full + 8 * place, parity);
    __syncwarp();
    if (threadIdx.x % kWarp == 0) count_arrive(empty + 8 * place);
    if (threadIdx.x == 0 && piece + 2 < kPieces && kFault != Bulk::never_waited) {
      if (kFault != Bulk::early_reuse) count_wait(empty + 8 * place, parity);
      ask(piece + 2);
    }
    __syncwarp();
  }
  sum[threadIdx.x] = total;
}

struct Stream {
  alignas(16) float source[kPieces * kPiece + 4];
  std::vector<float> sum = std::vector<float>(kPiece);

  template <Bulk kFault>
  std::string run() {
    std::iota(source, source + kPieces * kPiece + 4, 0.0f);
    return launch(stream<kFault>, 1, kPiece, 2 * kPiece * 4 + 32, static_cast<const float*>(source),
                  sum.data());
  }
  bool right() const {
    for (int i = 0; i < kPiece; ++i) {
      if (sum[static_cast<size_t>(i)] != static_cast<float>(kPieces * i + kPiece * 6)) return false;
    }
    return true;
  }
};

template <Bulk kFault>
void bulk_gives_fault(const char* words, const char* what) {
  expect_fault(Stream().run<kFault>(), words, what);
}
template <Bulk kFault>
void bulk_gives_wrong_numbers(const char* what) {
  Stream s;
  expect_passes(s.run<kFault>(), what);
  expect(!s.right(), std::string(what) + " should give wrong numbers");
}

void faults_of_cp_async() {
  gives_wrong_numbers<Fault::no_wait>("cp.async read without a wait");
  gives_wrong_numbers<Fault::early_wait>("copy_async_wait<1> instead of 0");
  gives_wrong_numbers<Fault::no_barrier>("cp.async read by a neighbour without a barrier");
  gives_wrong_numbers<Fault::source_changed>("a source written before the wait");
  gives_fault<Fault::never_waited>("never waited for", "cp.async without a wait before the exit");
  gives_fault<Fault::no_commit>("never committed", "cp.async without a commit");
  gives_fault<Fault::target_odd>("multiple of 16", "cp.async to an address that is no multiple of 16");
  gives_fault<Fault::target_outside>("dynamic shared memory", "cp.async out of shared memory");
  gives_fault<Fault::source_odd>("multiple of 16", "cp.async from an address that is no multiple of 16");
}

void faults_of_bulk_copies() {
  bulk_gives_wrong_numbers<Bulk::no_wait>("a bulk copy read before count_wait");
  bulk_gives_wrong_numbers<Bulk::early_reuse>("a place asked for again before everybody has read it");
  bulk_gives_fault<Bulk::never_waited>("nobody waited for", "a bulk copy that nobody waits for");
  bulk_gives_fault<Bulk::wrong_parity>("counter at shared address", "count_wait on the wrong parity");
  bulk_gives_fault<Bulk::no_init>("no count_init", "a counter that was not initialised");
  bulk_gives_fault<Bulk::no_init_fence>("count_init_fence", "a counter without count_init_fence");
  bulk_gives_fault<Bulk::extra_arrival>("have come", "one arrival more than expected");
  bulk_gives_fault<Bulk::missing_arrival>("deadlock", "one arrival less than expected");
  bulk_gives_fault<Bulk::counter_overwritten>("written over", "a counter that was written over");
  bulk_gives_fault<Bulk::initialised_twice>("is in use", "a counter that is initialised twice");
  bulk_gives_fault<Bulk::odd_bytes>("multiple of 16", "a bulk copy of 504 bytes");
  bulk_gives_fault<Bulk::odd_target>("multiple of 16", "a bulk copy to an address that is no multiple of 16");
  bulk_gives_fault<Bulk::odd_source>("multiple of 16",
                                     "a bulk copy from an address that is no multiple of 16");
  bulk_gives_fault<Bulk::outside>("dynamic shared memory", "a bulk copy out of shared memory");
  bulk_gives_fault<Bulk::odd_counter>("multiple of 8", "a counter at an address that is no multiple of 8");
  bulk_gives_fault<Bulk::too_few_bytes>("told to expect", "more bytes copied than expected");
}

}  // namespace

int main() {
  in_every_order("90a", [] {
    Neighbours n;
    expect_passes(n.run<Fault::none>(), "cp.async");
    expect(n.right(), "cp.async");
    Stream s;
    expect_passes(s.run<Bulk::none>(), "bulk copies through a ring");
    expect(s.right(), "bulk copies through a ring");
    copies_in_groups();
  });
  faults_of_cp_async();
  faults_of_bulk_copies();
  pcd::simt::use_settings("80", "forward");
  bulk_gives_fault<Bulk::none>("needs sm_90a", "an mbarrier on sm_80");
  pcd::simt::use_settings("75", "forward");
  gives_fault<Fault::none>("needs sm_80", "cp.async on sm_75");
  return verdict();
}
