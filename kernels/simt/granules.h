// SPDX-License-Identifier: Apache-2.0
//
// Which 16 bytes of shared memory cp.async has written, by which thread, and whether that thread has since
// passed fence_shared_for_wgmma: without it wgmma, which reads through another path, may see what was there
// before. What plain C++ stores write cannot be followed.
#ifndef PCD_SIMT_GRANULES_H
#define PCD_SIMT_GRANULES_H

#include <cstdint>

namespace pcd::simt {

constexpr uint32_t kGranule = 16;

// By the running thread, at a multiple of 16.
void granule_copied(uint32_t address);
void granules_fenced();
// The copy engine has written over them.
void granules_replaced(uint32_t address, uint32_t bytes);
// Faults, in the name of `reader`, if any of these bytes needs a fence.
void granules_need_no_fence(uint32_t address, uint32_t bytes, const char* reader);

}  // namespace pcd::simt

#endif
