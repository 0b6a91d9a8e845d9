// SPDX-License-Identifier: Apache-2.0
//
// mbarriers, which common/mma.cuh calls counters, and the bulk copies that they count. A counter's phase ends
// when all its arrivals have come and all announced bytes have been copied; it then awaits as many arrivals
// again. A bulk copy poisons its target when it is asked for, and reads and writes when a thread waits for
// its counter and no thread can run.
#ifndef PCD_SIMT_COUNTER_H
#define PCD_SIMT_COUNTER_H

#include <cstdint>

namespace pcd::simt {

void counter_init(uint32_t counter, uint32_t arrivals);
void counter_init_fence();
void counter_arrive(uint32_t counter);
// Announces bytes of the phase under way.
void counter_expect(uint32_t counter, uint32_t bytes);
// Returns when the phase of this parity has ended; the first phase has parity 0.
void counter_wait(uint32_t counter, uint32_t parity);
// Asks for a copy whose bytes the counter has been told to expect, or is told later.
void bulk_copy(uint32_t target, const void* source, uint32_t bytes, uint32_t counter);

}  // namespace pcd::simt

#endif
