// SPDX-License-Identifier: Apache-2.0
//
// What the built-in variables of a kernel read: the running thread's place.
#ifndef PCD_SIMT_THREAD_H
#define PCD_SIMT_THREAD_H

namespace pcd::simt {

struct Index {
  unsigned x, y, z;
};

extern const Index* thread_index;  // of the running thread
extern Index block_index, block_size, grid_size;

}  // namespace pcd::simt

#endif
