// SPDX-License-Identifier: Apache-2.0
//
// Shared memory of the running block: static (`__shared__` variables) and dynamic, in one window of 32-bit
// addresses as instructions see it. Dynamic memory lies below 256 KiB, the reach of a wgmma descriptor.
#ifndef PCD_SIMT_SHARED_H
#define PCD_SIMT_SHARED_H

#include <cstddef>
#include <cstdint>

namespace pcd::simt {

// The window's address of a pointer into shared memory; a fault for any other pointer.
uint32_t shared_address(const void* pointer);

// Where the bytes at an address lie; a fault, in the name of `instruction`, when they are not all in the block's
// shared memory or the address is not a multiple of `alignment`.
void* shared_pointer(uint32_t address, uint32_t bytes, uint32_t alignment, const char* instruction);

// The block's dynamic shared memory, aligned to `alignment` and to no more, so that a kernel that needs more is
// found.
void* dynamic_shared(size_t alignment);

}  // namespace pcd::simt

#endif
