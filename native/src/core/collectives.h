// SPDX-License-Identifier: Apache-2.0
//
// A collective that was validated: run at once, or by a graph.
#ifndef PCD_CORE_COLLECTIVES_H
#define PCD_CORE_COLLECTIVES_H

#include <cstdint>
#include <string>

#include "precordia/precordia.h"

namespace pcd {

enum class CollectiveId : int32_t {
  all_reduce,
  all_reduce_begin,
  join,
  all_gather,
  reduce_scatter,
  broadcast,
  barrier,
};

// Sizes are those that the transport is told (core/transport.h): elements where it computes, bytes where it moves.
struct Collective {
  pcd_communicator* communicator;
  CollectiveId id;
  const char* name;
  void* source = nullptr;     // of one tensor that tensor
  void* target = nullptr;
  int64_t count = 0;
  int32_t dtype = 0;
  int32_t reduction = PCD_REDUCE_SUM;
  int32_t root = 0;
  uint64_t bytes = 0;         // of the tensor, of two the larger: what statistics and traces tell
};

// Runs it on the stream, in the stream's order, and counts it.
int32_t run_collective(pcd_stream* stream, const Collective& collective, std::string& message);

}  // namespace pcd

#endif
