// SPDX-License-Identifier: Apache-2.0
//
// cp.async: copies of 16 bytes from global to shared memory by one thread, in groups. As late as the program
// permits: a copy poisons its target when it is asked for, and reads and writes in the wait that requires it.
// A copy that no wait has required when its thread exits is a fault.
#ifndef PCD_SIMT_ASYNC_COPY_H
#define PCD_SIMT_ASYNC_COPY_H

#include <cstdint>

namespace pcd::simt {

// The first `bytes`, at most 16, of `source`, then zeros.
void async_copy(uint32_t target, const void* source, int bytes);
void async_copy_commit();
// Completes all committed groups but the last `groups`.
void async_copy_wait(uint32_t groups);

}  // namespace pcd::simt

#endif
