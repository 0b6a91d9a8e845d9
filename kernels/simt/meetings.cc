// SPDX-License-Identifier: Apache-2.0
//
// How threads meet: who comes last does the work for all, and all can go on.
#include <cstring>

#include "simt/block_state.h"

namespace pcd::simt {
namespace {

// Kinds are literals: mostly the very same one.
bool same_kind(const char* a, const char* b) { return a == b || std::strcmp(a, b) == 0; }

const char* const kSyncThreads = "__syncthreads";
const char* const kSyncCount = "__syncthreads_count";
const char* const kNamed[kBarriers] = {
    "barrier.sync 0",  "barrier.sync 1",  "barrier.sync 2",  "barrier.sync 3",
    "barrier.sync 4",  "barrier.sync 5",  "barrier.sync 6",  "barrier.sync 7",
    "barrier.sync 8",  "barrier.sync 9",  "barrier.sync 10", "barrier.sync 11",
    "barrier.sync 12", "barrier.sync 13", "barrier.sync 14", "barrier.sync 15"};

uint32_t arrive(uint32_t id, uint32_t threads, const char* kind) {
  Barrier& barrier = block.barriers[id];
  if (barrier.arrived == 0) {
    barrier.expected = threads;
    barrier.kind = kind;
  } else if (barrier.expected != threads || barrier.kind != kind) {
    fault("divergent barrier: %s for %u threads, where others wait at %s for %u", kind, threads, barrier.kind,
          barrier.expected);
  }
  const Thread& self = *block.current;
  if (++barrier.arrived < threads) {
    barrier.waiting[self.number / kWarp] |= 1u << self.number % kWarp;
    wait_for(kind);
    return block.barrier_count;
  }
  barrier.arrived = 0;
  block.barrier_count = block.barrier_predicates;
  block.barrier_predicates = 0;
  for (uint32_t w = 0; w < block.warps; ++w) {
    set_runnable(w, barrier.waiting[w]);
    barrier.waiting[w] = 0;
  }
  return block.barrier_count;
}

}  // namespace

void warp_collective(const char* kind, uint32_t mask, void* argument, Combine combine) {
  Thread& self = *block.current;
  Warp& warp = *block.warp;
  const uint32_t number = self.number % kWarp, lane = 1u << number;
  mask &= warp.existing;
  if ((mask & lane) == 0 || (mask & warp.exited) != 0) {
    fault("divergent warp: %s for lanes %08x, %s", kind, mask,
          (mask & lane) == 0 ? "of which this lane is none" : "of which some have exited");
  }
  if (warp.arrived == 0) {
    warp.mask = mask;
    warp.kind = kind;
    warp.combine = combine;
    std::memset(warp.arguments, 0, sizeof warp.arguments);
  } else if (warp.mask != mask || warp.combine != combine || !same_kind(warp.kind, kind)) {
    fault("divergent warp: %s for lanes %08x, where lanes %08x wait at %s for lanes %08x", kind, mask,
          warp.arrived, warp.kind, warp.mask);
  }
  warp.arguments[number] = argument;
  warp.arrived |= lane;
  if (warp.arrived != mask) {
    wait_for(kind);
    return;
  }
  if (combine != nullptr) combine(warp.arguments, mask);
  warp.arrived = 0;
  set_runnable(self.number / kWarp, mask);
}

void warpgroup_collective(const char* kind, void* argument, GroupCombine combine) {
  const Thread& self = *block.current;
  const uint32_t number = self.number / kWarpgroup, first = number * kWarpgroup / kWarp;
  Group& group = block.groups[number];
  if (block.threads < (number + 1) * kWarpgroup) fault("%s in a warpgroup that is not whole", kind);
  if (group.arrived == 0) {
    group.kind = kind;
    group.combine = combine;
  } else if (group.combine != combine || !same_kind(group.kind, kind)) {
    fault("divergent warpgroup: %s, where others wait at %s", kind, group.kind);
  }
  group.arguments[self.number % kWarpgroup] = argument;
  if (++group.arrived < kWarpgroup) {
    wait_for(kind);
    return;
  }
  if (combine != nullptr) combine(group.arguments);
  group.arrived = 0;
  for (uint32_t w = 0; w < kWarpgroup / kWarp; ++w) set_runnable(first + w, kAllLanes);
}

void named_barrier(uint32_t id, uint32_t threads) {
  if (id >= kBarriers) fault("barrier.sync %u: there are %u", id, kBarriers);
  if (threads == 0 || threads % kWarp != 0 || threads > block.threads) {
    fault("%s for %u threads of %u: whole warps of the block are needed", kNamed[id], threads, block.threads);
  }
  arrive(id, threads, kNamed[id]);
}

void block_barrier() { arrive(0, block.threads, kSyncThreads); }

uint32_t block_barrier_count(bool predicate) {
  block.barrier_predicates += predicate ? 1 : 0;
  return arrive(0, block.threads, kSyncCount);
}

void wait_until(const char* what, bool (*condition)(const void*), const void* argument) {
  if (condition(argument)) return;
  Thread* const self = block.current;
  self->condition = condition;
  self->argument = argument;
  block.waiters.push_back(self);
  wait_for(what);
}

}  // namespace pcd::simt
