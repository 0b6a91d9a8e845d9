// SPDX-License-Identifier: Apache-2.0
//
// What instructions are built on: how the threads of a warp, a warpgroup or a block meet and wait, and how a
// fault ends a launch. Called by threads of a running block only. Shared memory's addresses are in shared.h.
#ifndef PCD_SIMT_WARP_H
#define PCD_SIMT_WARP_H

#include <cstdint>

namespace pcd::simt {

constexpr uint32_t kWarp = 32, kWarpgroup = 128, kMaxThreads = 1024;

// ---- faults

// Ends the launch: the first fault's sentence, with kernel, block and thread, becomes the op's error. Does not
// return; nothing on the stacks of the block's threads is destroyed, so hold no owning object where this may be
// called.
[[noreturn]] void fault(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The emulated architecture: 75, 80 or 90 (which is sm_90a).
int architecture();
// Faults unless the architecture has `instruction`: `minimum` 80 for sm_80 and later, 90 for sm_90a.
void require(int minimum, const char* instruction);

// ---- who is running

uint32_t thread_in_block();  // x fastest, as in hardware; lane = % 32, warp = / 32, warpgroup = / 128
uint32_t threads_of_block();

// State beside that of the executor is kept in arrays of kMaxThreads (or of warps), indexed by the above.
// `begin` runs before a block's first thread, and clears what an abandoned block may have left; `end` runs when
// all threads have exited (on the stack of the last one) and may fault, for example for copies that nobody
// waited for. Register once, from the constructor of a static object.
void at_block(void (*begin)(), void (*end)());

// ---- meeting. `kind` names the instruction in faults; all who meet must bring the same one.

// The lanes of `mask` meet; the last one to come runs combine(arguments, mask), where arguments[lane] is what
// that lane brought (null for lanes outside the mask), and all go on. `combine` may fault, but must not meet or
// wait.
using Combine = void (*)(void* const* arguments, uint32_t mask);
void warp_collective(const char* kind, uint32_t mask, void* argument, Combine combine);
constexpr uint32_t kAllLanes = 0xffffffffu;  // those of them that the block has

// The same for the 128 threads of a warpgroup; arguments[thread in the warpgroup]. A warpgroup must be whole.
using GroupCombine = void (*)(void* const* arguments);
void warpgroup_collective(const char* kind, void* argument, GroupCombine combine);

// barrier.sync id, threads: for __syncthreads id 0 and all threads of the block.
void named_barrier(uint32_t id, uint32_t threads);
void block_barrier();
uint32_t block_barrier_count(bool predicate);  // how many threads brought true

// ---- waiting for what is not a meeting (the phase of an mbarrier)

// Returns when condition(argument) holds. The condition is evaluated at once, and then only when no thread can
// run, from any stack; it must have no effect. `what` says in a deadlock's sentence what is waited for.
void wait_until(const char* what, bool (*condition)(const void*), const void* argument);

// Asynchronous work that hardware may do at any time is done as late as the program permits: `perform` is called
// when no thread can run and no condition holds. It completes one outstanding operation and returns true; false
// if there is none. When all hooks return false, the block is in a deadlock, which is a fault.
void at_standstill(bool (*perform)());

}  // namespace pcd::simt

#endif
