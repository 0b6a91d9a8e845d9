// SPDX-License-Identifier: Apache-2.0
//
// The scheduler of one block. A thread runs until it has to wait: at a meeting for the others, or for a
// condition. Then the next thread that can run goes on, by preference one of the same warp. A thread that has
// never waited needs no stack of its own when it has ended: the next one begins where it ended.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "simt/block_state.h"

namespace pcd::simt {

const Index* thread_index = nullptr;
Index block_index{}, block_size{}, grid_size{};
Block block;

namespace {

struct Hooks {
  std::vector<void (*)()> begin, end;
  std::vector<bool (*)()> standstill;
};
Hooks& hooks() {
  static Hooks all;
  return all;
}

// -------------------------------------------------------------------------------------- taking turns --

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
    std::snprintf(text, sizeof text, "%s%u of %u threads (%u to %u) %s%s",
                  &reason == &reasons[0] ? "" : ", ", reason.count, block.threads, reason.first, reason.last,
                  reason.text == kExited ? "" : "wait at ", reason.text);
    *sentence += text;
  }
}

// With the sentence in block.fault_text: says where, and goes back to the launcher. The block's stacks are
// abandoned.
[[noreturn]] void end_launch() {
  const Index& t = block.current->index;
  char place[160];
  std::snprintf(place, sizeof place, "; block (%u, %u, %u), thread (%u, %u, %u)", block_index.x,
                block_index.y, block_index.z, t.x, t.y, t.z);
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

}  // namespace

void wait_for(const char* what) {
  Thread* const self = block.current;
  clear_runnable(*self);
  self->state = State::waiting;
  self->waits_for = what;
  take_turns();
  self->state = State::running;
}

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

// -------------------------------------------------------------------------------------------- warp.h --

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

void at_standstill(bool (*perform)()) { hooks().standstill.push_back(perform); }

}  // namespace pcd::simt
