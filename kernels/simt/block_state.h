// SPDX-License-Identifier: Apache-2.0
//
// The running block, as the scheduler (block.cc) and the meetings (meetings.cc) share it.
#ifndef PCD_SIMT_BLOCK_STATE_H
#define PCD_SIMT_BLOCK_STATE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "simt/block.h"
#include "simt/fiber.h"
#include "simt/thread.h"
#include "simt/warp.h"

namespace pcd::simt {

constexpr uint32_t kMaxWarps = kMaxThreads / kWarp;
constexpr uint32_t kBarriers = 16;

enum class State : uint8_t { fresh, running, waiting, exited };

struct Thread {
  Index index;  // first: what thread_index points to
  uint32_t number;
  State state;
  const char* waits_for;
  bool (*condition)(const void*);  // of wait_until
  const void* argument;
  Stack* stack;
  Context context;
};

struct Warp {
  uint32_t existing, runnable, exited;
  // The meeting under way.
  uint32_t mask, arrived;
  const char* kind;
  Combine combine;
  void* arguments[kWarp];
};

struct Group {
  uint32_t arrived;
  const char* kind;
  GroupCombine combine;
  void* arguments[kWarpgroup];
};

struct Barrier {
  uint32_t expected, arrived;
  const char* kind;
  uint32_t waiting[kMaxWarps];
};

struct Block {
  uint32_t threads, warps, exited;
  uint32_t runnable_warps;
  uint32_t barrier_predicates, barrier_count;  // of __syncthreads_count: so far, and the last one's
  Thread* current;
  Warp* warp;  // of the current thread
  const std::function<void()>* body;
  Order order;
  unsigned long long random;
  std::string* fault_text;
  bool faulted;
  Context launcher;
  std::vector<Thread*> waiters;  // in wait_until
  std::vector<std::unique_ptr<Stack>> stacks;
  std::vector<Stack*> free_stacks;
  Thread thread[kMaxThreads];
  Warp all_warps[kMaxWarps];
  Group groups[kMaxThreads / kWarpgroup];
  Barrier barriers[kBarriers];
};
extern Block block;

inline void set_runnable(uint32_t warp, uint32_t lanes) {
  block.all_warps[warp].runnable |= lanes;
  if (lanes != 0) block.runnable_warps |= 1u << warp;
}

// The current thread waits, for `what` in a fault's sentence, until somebody makes it runnable.
void wait_for(const char* what);

}  // namespace pcd::simt

#endif
