// SPDX-License-Identifier: Apache-2.0
//
// A counter's numbers are kept here; its eight bytes of shared memory hold a mark that nobody else may write
// over.
#include "counter.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include "granules.h"
#include "number_formats.h"
#include "shared.h"
#include "warp.h"

namespace pcd::simt {
namespace {

struct Counter {
  uint32_t address, initialiser;
  uint32_t arrivals, pending;  // of a phase; still to come
  int64_t bytes;               // announced and not yet copied
  uint32_t phase, waiting;     // waiting: threads
  bool fenced;
};
struct BulkCopy {
  const void* source;
  uint32_t target, bytes, counter;
};
std::vector<Counter> counters;
std::vector<BulkCopy> under_way;

constexpr uint64_t kMark = 0x7f817f81'636f756eu;
constexpr uint32_t kMostArrivals = (1u << 20) - 1, kMostBytes = (1u << 20) - 1;  // as mbarrier has bits for

void* memory_of(uint32_t address, const char* instruction) {
  return shared_pointer(address, 8, 8, instruction);
}

Counter* lookup(uint32_t address) {
  for (Counter& counter : counters) {
    if (counter.address == address) return &counter;
  }
  return nullptr;
}

Counter& find(uint32_t address, const char* instruction) {
  Counter* const counter = lookup(address);
  void* const memory = memory_of(address, instruction);
  if (counter == nullptr) {
    fault("%s on shared address %u, where no count_init has been", instruction, address);
  }
  if (std::memcmp(memory, &kMark, sizeof kMark) != 0) {
    fault("%s: the counter at shared address %u has been written over", instruction, address);
  }
  return *counter;
}

void end_phase_if_complete(Counter& counter) {
  if (counter.pending != 0 || counter.bytes != 0) return;
  counter.pending = counter.arrivals;
  ++counter.phase;
}

void perform(const BulkCopy& copy) {
  Counter& counter = find(copy.counter, "cp.async.bulk");
  std::memcpy(shared_pointer(copy.target, copy.bytes, 16, "cp.async.bulk"), copy.source, copy.bytes);
  granules_replaced(copy.target, copy.bytes);
  counter.bytes -= copy.bytes;
  if (counter.bytes < 0) {
    fault("cp.async.bulk has copied %lld bytes more than the counter at shared address %u was told to expect",
          -static_cast<long long>(counter.bytes), copy.counter);
  }
  end_phase_if_complete(counter);
}

// The newest copy that somebody waits for: copies need not come in the order in which they were asked for.
bool perform_one() {
  for (size_t i = under_way.size(); i-- > 0;) {
    const BulkCopy copy = under_way[i];
    const Counter* const counter = lookup(copy.counter);
    if (counter == nullptr || counter->waiting == 0) continue;
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(i));
    perform(copy);
    return true;
  }
  return false;
}

void begin_block() {
  counters.clear();
  under_way.clear();
}

void end_block() {
  if (under_way.empty()) return;
  fault(
      "the block has exited with %zu cp.async.bulk that nobody waited for (the first one's target is shared "
      "address %u, its counter is at %u)",
      under_way.size(), under_way.front().target, under_way.front().counter);
}

const struct Registration {
  Registration() {
    at_block(begin_block, end_block);
    at_standstill(perform_one);
  }
} registration;

struct Wait {
  uint32_t counter, parity;
};
bool ended(const void* argument) {
  const auto& wait = *static_cast<const Wait*>(argument);
  return (lookup(wait.counter)->phase & 1) != wait.parity;
}

}  // namespace

void counter_init(uint32_t address, uint32_t arrivals) {
  require(90, "mbarrier.init");
  void* const memory = memory_of(address, "mbarrier.init");
  if (arrivals == 0 || arrivals > kMostArrivals) fault("mbarrier.init with %u arrivals", arrivals);
  if (lookup(address) != nullptr) fault("mbarrier.init: the counter at shared address %u is in use", address);
  std::memcpy(memory, &kMark, sizeof kMark);
  counters.push_back({address, thread_in_block(), arrivals, arrivals, 0, 0, 0, false});
}

void counter_init_fence() {
  require(90, "fence.mbarrier_init");
  for (Counter& counter : counters) counter.fenced |= counter.initialiser == thread_in_block();
}

void counter_arrive(uint32_t address) {
  require(90, "mbarrier.arrive");
  Counter& counter = find(address, "mbarrier.arrive");
  if (counter.pending == 0) {
    fault(
        "mbarrier.arrive: all %u arrivals at the counter at shared address %u have come, and its phase %u "
        "still awaits %lld bytes",
        counter.arrivals, address, counter.phase, static_cast<long long>(counter.bytes));
  }
  --counter.pending;
  end_phase_if_complete(counter);
}

void counter_expect(uint32_t address, uint32_t bytes) {
  require(90, "mbarrier.expect_tx");
  Counter& counter = find(address, "mbarrier.expect_tx");
  counter.bytes += bytes;
  if (bytes > kMostBytes || counter.bytes > kMostBytes) {
    fault(
        "mbarrier.expect_tx: the counter at shared address %u would await %lld bytes, more than it can count",
        address, static_cast<long long>(counter.bytes));
  }
}

void counter_wait(uint32_t address, uint32_t parity) {
  require(90, "mbarrier.try_wait.parity");
  if (parity > 1) fault("mbarrier.try_wait.parity with parity %u", parity);
  const Wait wait{address, parity};
  const Counter& counter = find(address, "mbarrier.try_wait");
  if (ended(&wait)) return;
  char what[160];
  std::snprintf(what, sizeof what,
                "the counter at shared address %u, phase %u (%u arrivals and %lld bytes were missing when "
                "the wait began)",
                address, counter.phase, counter.pending, static_cast<long long>(counter.bytes));
  ++lookup(address)->waiting;
  wait_until(what, ended, &wait);
  --lookup(address)->waiting;
}

void bulk_copy(uint32_t target, const void* source, uint32_t bytes, uint32_t address) {
  require(90, "cp.async.bulk");
  const Counter& counter = find(address, "cp.async.bulk");
  if (!counter.fenced) {
    fault(
        "cp.async.bulk: thread %u has initialised the counter at shared address %u without count_init_fence "
        "afterwards",
        counter.initialiser, address);
  }
  if (bytes == 0 || bytes % 16 != 0) fault("cp.async.bulk of %u bytes, which is not a multiple of 16", bytes);
  if (reinterpret_cast<uintptr_t>(source) % 16 != 0) {
    fault("cp.async.bulk from %p, which is not a multiple of 16", source);
  }
  char* const to = static_cast<char*>(shared_pointer(target, bytes, 16, "cp.async.bulk"));
  for (uint32_t i = 0; i < bytes; i += sizeof kPoison) std::memcpy(to + i, &kPoison, sizeof kPoison);
  under_way.push_back({source, target, bytes, address});
}

}  // namespace pcd::simt
