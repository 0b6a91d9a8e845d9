// SPDX-License-Identifier: Apache-2.0
//
// The one way an op reaches a backend: run at once, or recorded.
#ifndef PCD_CORE_GRAPH_H
#define PCD_CORE_GRAPH_H

#include <cstdint>
#include <string>

#include "core/handles.h"

namespace pcd {

class Check;
struct Collective;

// Gives a descriptor (`bytes` long) that `check` has validated to the stream. While it records, a backend that executes
// at the call gets nothing and the graph a copy; one that captures gets the call. The graph holds the buffers that the
// op uses.
int32_t submit(pcd_stream* stream, OpId op, const void* desc, size_t bytes, const Check& check, std::string& message);

// The same for a collective, whose communicator the graph holds too.
int32_t submit(pcd_stream* stream, const Collective& collective, const Check& check, std::string& message);

// A failure while recording makes pcd_graph_end fail: a graph without one of its ops must not run.
void note_failure(pcd_stream* stream, int32_t status, const std::string& message);

}  // namespace pcd

#endif
