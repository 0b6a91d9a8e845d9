// SPDX-License-Identifier: Apache-2.0
//
// Recording and replay. On a backend that executes at the call a graph is the list of copied descriptors; a backend
// that captures keeps the graph itself. Either way the graph holds a reference on every buffer it touches.
#include "core/graph.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <unordered_set>

#include "core/check.h"
#include "core/collectives.h"
#include "core/op_table.h"

namespace pcd {
namespace {

void hold(pcd_graph& graph, const std::vector<pcd_buffer*>& buffers) {
  graph.references.reserve(graph.references.size() + buffers.size());
  for (pcd_buffer* buffer : buffers) {
    if (std::find(graph.references.begin(), graph.references.end(), buffer) != graph.references.end()) continue;
    buffer->references.fetch_add(1, std::memory_order_relaxed);
    graph.references.push_back(buffer);
  }
}

void hold(pcd_graph& graph, pcd_communicator* communicator) {
  if (std::find(graph.communicators.begin(), graph.communicators.end(), communicator) != graph.communicators.end()) {
    return;
  }
  graph.communicators.push_back(communicator);
  ++communicator->graphs;
}

void discard(pcd_graph& graph) noexcept {
  if (graph.native != nullptr) graph.context->backend->graph_destroy(graph.native);
  for (pcd_buffer* buffer : graph.references) drop_reference(buffer);
  graph.references.clear();
  for (pcd_communicator* communicator : graph.communicators) --communicator->graphs;
  graph.communicators.clear();
}

// The buffers go back to their own streams, but others may still run the graph.
void wait_for_launches(pcd_graph& graph) {
  pcd_context* const context = graph.context;
  if (context->lost) return;
  for (pcd_stream* stream : graph.launched_on) {
    const auto& streams = context->streams;
    if (std::find(streams.begin(), streams.end(), stream) == streams.end() || stream->recording != nullptr) continue;
    std::string ignored;
    context->backend->stream_synchronize(stream->native, ignored);
  }
}

int32_t run_observed(pcd_stream* stream, const Collective& collective, int32_t kind, std::string& message) {
  const Observed observed(stream->context->observer.get(), stream->number, {kind, collective.name, collective.bytes});
  return run_collective(stream, collective, message);
}

int32_t replay(pcd_graph& graph, pcd_stream* stream, std::string& message) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const pcd_graph_node& node = graph.nodes[i];
    if (node.collective != nullptr) {
      const int32_t status = run_observed(stream, *node.collective, PCD_TRACE_OP, message);
      if (status != PCD_OK) {
        return fail(message, status, "graph, op %zu of %zu: %s", i + 1, graph.nodes.size(), message.c_str());
      }
      continue;
    }
    const Observed observed(stream->context->observer.get(), stream->number,
                            {PCD_TRACE_OP, nullptr, node.traffic, node.op, node.descriptor.get()});
    const int32_t status = graph.context->backend->run(stream->native, node.op, node.descriptor.get(), message);
    if (status != PCD_OK) {
      return fail(message, status, "graph, op %zu of %zu: %s: %s", i + 1, graph.nodes.size(), op_name(node.op),
                  message.c_str());
    }
  }
  return PCD_OK;
}

}  // namespace

int32_t submit(pcd_stream* stream, OpId op, const void* desc, size_t bytes, const Check& check, std::string& message) {
  Backend* const backend = stream->context->backend;
  pcd_graph* const graph = stream->recording.get();
  if (graph != nullptr) {
    hold(*graph, check.buffers());
    if (!backend->captures_graphs()) {
      pcd_graph_node node{op, check.traffic(), std::make_unique<unsigned char[]>(bytes), nullptr};
      std::memcpy(node.descriptor.get(), desc, bytes);
      graph->nodes.push_back(std::move(node));
      ++graph->ops;
      return PCD_OK;
    }
  }
  Observer* const observer = stream->context->observer.get();
  const uint64_t traffic = observer == nullptr ? 0 : check.traffic();
  const Observed observed(observer, stream->number,
                          {graph != nullptr ? PCD_TRACE_CAPTURE : PCD_TRACE_OP, nullptr, traffic, op, desc});
  const int32_t status = backend->run(stream->native, op, desc, message);
  if (status != PCD_OK) return fail(message, status, "%s: %s", op_name(op), message.c_str());
  if (graph != nullptr) ++graph->ops;
  return PCD_OK;
}

int32_t submit(pcd_stream* stream, const Collective& collective, const Check& check, std::string& message) {
  pcd_graph* const graph = stream->recording.get();
  if (graph != nullptr) {
    hold(*graph, check.buffers());
    hold(*graph, collective.communicator);
    if (!stream->context->backend->captures_graphs()) {
      graph->nodes.push_back({OpId::count, collective.bytes, nullptr, std::make_unique<Collective>(collective)});
      ++graph->ops;
      return PCD_OK;
    }
  }
  const int32_t status =
      run_observed(stream, collective, graph != nullptr ? PCD_TRACE_CAPTURE : PCD_TRACE_OP, message);
  if (status == PCD_OK && graph != nullptr) ++graph->ops;
  return status;
}

void note_failure(pcd_stream* stream, int32_t status, const std::string& message) {
  if (stream->recording == nullptr || stream->recording_status != PCD_OK) return;
  stream->recording_status = status;
  stream->recording_message = message;
}

}  // namespace pcd

using namespace pcd;

int32_t pcd_graph_begin(pcd_stream* stream) {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    const int32_t status = check_not_recording(stream, "pcd_graph_begin", message);
    if (status != PCD_OK) return status;
    Backend* const backend = stream->context->backend;
    auto graph = std::make_unique<pcd_graph>();
    graph->context = stream->context;
    if (backend->captures_graphs()) {
      const int32_t begun = backend->capture_begin(stream->native, message);
      if (begun != PCD_OK) return begun;
    }
    stream->recording = std::move(graph);
    stream->recording_status = PCD_OK;
    stream->recording_message.clear();
    return PCD_OK;
  });
}

int32_t pcd_graph_end(pcd_stream* stream, pcd_graph** graph) {
  return enter_with(stream, Door::cleanup, [&](std::string& message) -> int32_t {
    if (graph == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_graph_end: graph is NULL");
    *graph = nullptr;
    if (stream->recording == nullptr) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_graph_end: the stream is not recording; call pcd_graph_begin first");
    }
    pcd_context* const context = stream->context;
    std::unique_ptr<pcd_graph> made = std::move(stream->recording);
    int32_t status = PCD_OK;
    if (context->backend->captures_graphs()) {
      status = context->backend->capture_end(stream->native, &made->native, message);
    }
    if (stream->recording_status != PCD_OK) {
      status = fail(message, stream->recording_status, "pcd_graph_end: an op failed while recording: %s",
                    stream->recording_message.c_str());
    } else if (status == PCD_OK && context->lost) {
      status = fail(message, PCD_ERROR_DEVICE_LOST, "pcd_graph_end: the device was lost: %s",
                    context->lost_message.c_str());
    }
    if (status != PCD_OK) {
      discard(*made);
      return status;
    }
    try {
      handle_add(made.get(), Handle::graph);
    } catch (...) {
      discard(*made);
      throw;
    }
    ++context->graphs;
    *graph = made.release();
    return PCD_OK;
  });
}

int32_t pcd_graph_launch(pcd_graph* graph, pcd_stream* stream) {
  return enter_with(graph, Door::work, [&](std::string& message) -> int32_t {
    int32_t status = check_sibling(stream, graph->context, "stream", message);
    if (status == PCD_OK) status = check_not_recording(stream, "pcd_graph_launch", message);
    if (status != PCD_OK) return status;
    Backend* const backend = graph->context->backend;
    const Observed observed(stream->context->observer.get(), stream->number, {PCD_TRACE_GRAPH, "graph"});
    if (!backend->captures_graphs()) return replay(*graph, stream, message);
    auto& launched = graph->launched_on;
    if (std::find(launched.begin(), launched.end(), stream) == launched.end()) launched.push_back(stream);
    return backend->graph_launch(graph->native, stream->native, message);
  });
}

int32_t pcd_graph_destroy(pcd_graph* graph) {
  if (graph == nullptr) return PCD_OK;
  return enter_with(graph, Door::cleanup, [&](std::string&) {
    pcd_context* const context = graph->context;
    wait_for_launches(*graph);
    discard(*graph);
    handle_remove(graph);
    delete graph;
    --context->graphs;
    return PCD_OK;
  });
}

int32_t pcd_graph_size(const pcd_graph* graph, int64_t* ops) {
  if (!live(graph)) return PCD_ERROR_ARGUMENT;
  return enter(graph->context, Door::cleanup, [&](std::string& message) -> int32_t {
    if (ops == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_graph_size: ops is NULL");
    *ops = graph->ops;
    return PCD_OK;
  });
}
