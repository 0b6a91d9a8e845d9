// SPDX-License-Identifier: Apache-2.0
//
// The scheduler of one block. A thread runs until it has to wait: at a meeting for the others, or for a condition. Then
// the next thread that can run goes on, by preference one of the same warp. A thread that has never waited needs no stack
// of its own when it has ended: the next one begins where it ended.
#include "simt/block.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "simt/fiber.h"
#include "simt/shared.h"
#include "simt/thread.h"
#include "simt/warp.h"

namespace pcd::simt {

const Index* thread_index = nullptr;
Index block_index{}, block_size{}, grid_size{};

namespace {

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

// Kinds are literals: mostly the very same one.
bool same_kind(const char* a, const char* b) { return a == b || std::strcmp(a, b) == 0; }

const char* const kSyncThreads = "__syncthreads";
const char* const kSyncCount = "__syncthreads_count";
const char* const kNamed[kBarriers] = {
    "barrier.sync 0",  "barrier.sync 1",  "barrier.sync 2",  "barrier.sync 3", "barrier.sync 4",  "barrier.sync 5",
    "barrier.sync 6",  "barrier.sync 7",  "barrier.sync 8",  "barrier.sync 9", "barrier.sync 10", "barrier.sync 11",
    "barrier.sync 12", "barrier.sync 13", "barrier.sync 14", "barrier.sync 15"};

struct Hooks {
  std::vector<void (*)()> begin, end;
  std::vector<bool (*)()> standstill;
};
Hooks& hooks() {
  static Hooks all;
  return all;
}

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
} block;

// ------------------------------------------------------------------------------------------------ taking turns --

unsigned next_random() {  // xorshift64*
  block.random ^= block.random >> 12;
  block.random ^= block.random << 25;
  block.random ^= block.random >> 27;
  return static_cast<unsigned>((block.random * 0x2545F4914F6CDD1Dull) >> 33);
}

// The bit of `mask` (not 0) that comes after bit `last`.
uint32_t next_bit(uint32_t mask, uint32_t last) {
  switch (block.order.kind) {
    case Order::forward: {
      const uint32_t above = last == 31 ? 0 : mask & (~0u << (last + 1));
      return static_cast<uint32_t>(__builtin_ctz(above != 0 ? above : mask));
    }
    case Order::reverse: {
      const uint32_t below = mask & ((1u << last) - 1);
      return static_cast<uint32_t>(31 - __builtin_clz(below != 0 ? below : mask));
    }
    default:
      for (unsigned skip = next_random() % static_cast<unsigned>(__builtin_popcount(mask)); skip > 0; --skip) {
        mask &= mask - 1;
      }
      return static_cast<uint32_t>(__builtin_ctz(mask));
  }
}

void set_runnable(uint32_t warp, uint32_t lanes) {
  block.all_warps[warp].runnable |= lanes;
  if (lanes != 0) block.runnable_warps |= 1u << warp;
}

void clear_runnable(const Thread& thread) {
  Warp& warp = block.all_warps[thread.number / kWarp];
  warp.runnable &= ~(1u << thread.number % kWarp);
  if (warp.runnable == 0) block.runnable_warps &= ~(1u << thread.number / kWarp);
}

// Lets threads go on whose condition holds; false if there are none.
bool poll_conditions() {
  bool any = false;
  for (size_t i = 0; i < block.waiters.size();) {
    Thread* thread = block.waiters[i];
    if (!thread->condition(thread->argument)) {
      ++i;
      continue;
    }
    block.waiters[i] = block.waiters.back();
    block.waiters.pop_back();
    set_runnable(thread->number / kWarp, 1u << thread->number % kWarp);
    any = true;
  }
  return any;
}

bool perform_outstanding() {
  for (bool (*perform)() : hooks().standstill) {
    if (perform()) return true;
  }
  return false;
}

// What the threads wait for, equal reasons together.
void say_who_waits(std::string* sentence) {
  struct Reason {
    const char* text;
    uint32_t count, first, last;
  };
  const char* const kExited = "have exited";
  std::vector<Reason> reasons;
  for (uint32_t i = 0; i < block.threads; ++i) {
    const char* text = block.thread[i].state == State::exited ? kExited : block.thread[i].waits_for;
    const auto same = [text](const Reason& reason) { return std::strcmp(reason.text, text) == 0; };
    const auto found = std::find_if(reasons.begin(), reasons.end(), same);
    if (found == reasons.end()) {
      reasons.push_back({text, 1, i, i});
    } else {
      ++found->count;
      found->last = i;
    }
  }
  for (const Reason& reason : reasons) {
    char text[200];
    std::snprintf(text, sizeof text, "%s%u of %u threads (%u to %u) %s%s", &reason == &reasons[0] ? "" : ", ",
                  reason.count, block.threads, reason.first, reason.last, reason.text == kExited ? "" : "wait at ",
                  reason.text);
    *sentence += text;
  }
}

// With the sentence in block.fault_text: says where, and goes back to the launcher. The block's stacks are abandoned.
[[noreturn]] void end_launch() {
  const Index& t = block.current->index;
  char place[160];
  std::snprintf(place, sizeof place, "; block (%u, %u, %u), thread (%u, %u, %u)", block_index.x, block_index.y,
                block_index.z, t.x, t.y, t.z);
  *block.fault_text += place;
  block.faulted = true;
  Context abandoned;
  switch_context(abandoned, block.launcher, true);
  std::abort();
}

[[noreturn]] void standstill() {
  bool at_barrier = false;
  for (const Barrier& barrier : block.barriers) at_barrier |= barrier.arrived != 0;
  *block.fault_text = at_barrier && block.exited != 0 ? "divergent barrier: " : "deadlock: ";
  say_who_waits(block.fault_text);
  end_launch();
}

// The thread that goes on; null when all have exited.
Thread* pick() {
  while (block.runnable_warps == 0) {
    if (block.exited == block.threads) return nullptr;
    if (!poll_conditions() && !perform_outstanding()) standstill();
  }
  uint32_t number = block.current->number / kWarp;
  const bool leave = block.order.kind == Order::shuffled && next_random() % 8 == 0;
  if (block.all_warps[number].runnable == 0 || leave) number = next_bit(block.runnable_warps, number);
  const uint32_t last = number == block.current->number / kWarp ? block.current->number % kWarp
                        : block.order.kind == Order::forward    ? 31
                                                                : 0;
  return &block.thread[number * kWarp + next_bit(block.all_warps[number].runnable, last)];
}

void make_current(Thread* thread) {
  block.current = thread;
  block.warp = &block.all_warps[thread->number / kWarp];
  thread_index = &thread->index;
  thread->state = State::running;
}

Stack* take_stack() {
  if (block.free_stacks.empty()) {
    block.stacks.push_back(std::make_unique<Stack>(static_cast<unsigned>(block.stacks.size())));
    return block.stacks.back().get();
  }
  Stack* stack = block.free_stacks.back();
  block.free_stacks.pop_back();
  return stack;
}

void thread_main();

// Gives a thread that begins a stack of its own.
void begin(Thread* thread) {
  thread->stack = take_stack();
  prepare(thread->context, *thread->stack, thread_main);
}

// The current thread cannot run, or is not to: returns when it is its turn again.
void take_turns() {
  Thread* const self = block.current;
  Thread* const next = pick();
  if (next == self) return;
  if (next->state == State::fresh) begin(next);
  make_current(next);
  switch_context(self->context, next->context);
}

void wait_for(const char* what) {
  Thread* const self = block.current;
  clear_runnable(*self);
  self->state = State::waiting;
  self->waits_for = what;
  take_turns();
  self->state = State::running;
}

void exit_thread() {
  Thread* const self = block.current;
  Warp& warp = *block.warp;
  clear_runnable(*self);
  self->state = State::exited;
  const uint32_t lane = 1u << self->number % kWarp;
  warp.exited |= lane;
  ++block.exited;
  if (warp.arrived != 0 && (warp.mask & lane) != 0) {
    fault("divergent warp: this lane exits while others wait for it at %s", warp.kind);
  }
}

// The body of every fiber: threads, one after the other.
void thread_main() {
  entered(block.launcher);
  Stack* const stack = block.current->stack;
  for (;;) {
    (*block.body)();
    exit_thread();
    Thread* const self = block.current;
    Thread* const next = pick();
    if (next != nullptr && next->state == State::fresh) {
      next->stack = stack;
      make_current(next);
      continue;
    }
    if (next == nullptr) {
      for (void (*end)() : hooks().end) end();
    }
    block.free_stacks.push_back(stack);
    if (next != nullptr) make_current(next);
    switch_context(self->context, next == nullptr ? block.launcher : next->context, true);
  }
}

void reset(const std::function<void()>& body, const Order& order, std::string* fault_text) {
  block.threads = block_size.x * block_size.y * block_size.z;
  block.warps = (block.threads + kWarp - 1) / kWarp;
  block.exited = 0;
  block.barrier_predicates = 0;
  block.body = &body;
  block.order = order;
  const unsigned long long place =
      block_index.x + 0x10001ull * block_index.y + 0x100000001ull * block_index.z;
  block.random = (order.seed + 1) * 0x9E3779B97F4A7C15ull ^ (place + 1) * 0xBF58476D1CE4E5B9ull;
  if (block.random == 0) block.random = 1;
  block.fault_text = fault_text;
  block.faulted = false;
  block.launcher.bottom = nullptr;
  block.waiters.clear();
  for (uint32_t i = 0; i < block.threads; ++i) {
    Thread& thread = block.thread[i];
    thread.index = {i % block_size.x, i / block_size.x % block_size.y, i / block_size.x / block_size.y};
    thread.number = i;
    thread.state = State::fresh;
  }
  block.runnable_warps = 0;
  for (uint32_t w = 0; w < block.warps; ++w) {
    Warp& warp = block.all_warps[w];
    const uint32_t lanes = block.threads - w * kWarp;
    warp.existing = lanes >= kWarp ? kAllLanes : (1u << lanes) - 1;
    warp.runnable = warp.exited = warp.mask = warp.arrived = 0;
    set_runnable(w, warp.existing);
  }
  for (Group& group : block.groups) group.arrived = 0;
  for (Barrier& barrier : block.barriers) {
    barrier.arrived = 0;
    std::memset(barrier.waiting, 0, sizeof barrier.waiting);
  }
}

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

bool parse_order(const char* text, Order* order) {
  if (text == nullptr || *text == 0 || std::strcmp(text, "forward") == 0) {
    *order = {Order::forward, 0};
  } else if (std::strcmp(text, "reverse") == 0) {
    *order = {Order::reverse, 0};
  } else {
    char* end = nullptr;
    *order = {Order::shuffled, std::strtoull(text, &end, 10)};
    return *end == 0;
  }
  return true;
}

const char* order_name(const Order& order) {
  return order.kind == Order::forward ? "forward" : order.kind == Order::reverse ? "reverse" : "shuffled";
}

bool run_block(const std::function<void()>& body, const Order& order, std::string* fault_text) {
  reset(body, order, fault_text);
  for (void (*begin_hook)() : hooks().begin) begin_hook();
  Thread& first = block.thread[order.kind == Order::reverse ? block.threads - 1 : 0];
  begin(&first);
  make_current(&first);
  switch_context(block.launcher, first.context);
  if (!block.faulted) return true;
  block.free_stacks.clear();  // what lies on the stacks is abandoned
  for (const std::unique_ptr<Stack>& stack : block.stacks) {
    stack->forget();
    block.free_stacks.push_back(stack.get());
  }
  return false;
}

// --------------------------------------------------------------------------------------------------------- warp.h --

void fault(const char* format, ...) {
  char text[600];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  *block.fault_text = text;
  end_launch();
}

uint32_t thread_in_block() { return block.current->number; }
uint32_t threads_of_block() { return block.threads; }

void at_block(void (*begin_hook)(), void (*end)()) {
  hooks().begin.push_back(begin_hook);
  hooks().end.push_back(end);
}

void warp_collective(const char* kind, uint32_t mask, void* argument, Combine combine) {
  Thread& self = *block.current;
  Warp& warp = *block.warp;
  const uint32_t number = self.number % kWarp, lane = 1u << number;
  mask &= warp.existing;
  if (__builtin_expect((mask & lane) == 0 || (mask & warp.exited) != 0, 0)) {
    fault("divergent warp: %s for lanes %08x, %s", kind, mask,
          (mask & lane) == 0 ? "of which this lane is none" : "of which some have exited");
  }
  if (warp.arrived == 0) {
    warp.mask = mask;
    warp.kind = kind;
    warp.combine = combine;
    std::memset(warp.arguments, 0, sizeof warp.arguments);
  } else if (__builtin_expect(warp.mask != mask || warp.combine != combine || !same_kind(warp.kind, kind), 0)) {
    fault("divergent warp: %s for lanes %08x, where lanes %08x wait at %s for lanes %08x", kind, mask, warp.arrived,
          warp.kind, warp.mask);
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

void at_standstill(bool (*perform)()) { hooks().standstill.push_back(perform); }

}  // namespace pcd::simt
