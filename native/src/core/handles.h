// SPDX-License-Identifier: Apache-2.0
//
// What the opaque handles are, and the doors every entry point goes through: a handle that is NULL, was destroyed or
// is of another kind is refused instead of followed; a context that another thread is inside refuses too; no exception
// leaves.
#ifndef PCD_CORE_HANDLES_H
#define PCD_CORE_HANDLES_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/buffer.h"
#include "core/collectives.h"
#include "core/memory_pool.h"
#include "core/observer.h"
#include "core/text.h"

namespace pcd {
struct TransportPlugin;
class Transport;
}  // namespace pcd

// An op of a recorded graph: its own copy of the descriptor; or a collective.
struct pcd_graph_node {
  pcd::OpId op;
  uint64_t traffic;                         // bytes of its views, for traces
  std::unique_ptr<unsigned char[]> descriptor;
  std::unique_ptr<pcd::Collective> collective;  // instead of an op
};

struct pcd_graph {
  pcd_context* context = nullptr;
  std::vector<pcd_graph_node> nodes;        // of a backend that executes at the call; else empty
  std::vector<pcd_buffer*> references;      // each once
  std::vector<pcd_communicator*> communicators;  // each once
  std::vector<pcd_stream*> launched_on;     // streams that may still be at work on it
  void* native = nullptr;                   // of a backend that captures
  int64_t ops = 0;
};

struct pcd_stream {
  pcd_context* context = nullptr;
  int32_t number = 0;                       // within the context, from 1
  void* native = nullptr;
  std::unique_ptr<pcd_graph> recording;     // between pcd_graph_begin and pcd_graph_end
  int32_t recording_status = PCD_OK;        // first op that failed meanwhile
  std::string recording_message;
};

struct pcd_event {
  pcd_context* context = nullptr;
  void* native = nullptr;
};

struct pcd_communicator {
  pcd_context* context = nullptr;
  int32_t kind = PCD_COMMUNICATOR_SINGLE;
  int32_t rank = 0;
  int32_t ranks = 1;
  std::atomic<bool> aborted{false};         // written by any thread
  const pcd::TransportPlugin* plugin = nullptr;
  pcd::Transport* transport = nullptr;      // null: one rank
  int64_t graphs = 0;                       // that hold it
  uint64_t collectives = 0;
  uint64_t bytes = 0;
  int64_t waited = 0;
};

struct pcd_context {
  const pcd::Plugin* plugin = nullptr;
  pcd::Backend* backend = nullptr;
  int32_t backend_kind = PCD_BACKEND_CPU;
  int32_t device = 0;
  std::unique_ptr<pcd::MemoryPool> pool;
  std::string message;
  std::atomic<bool> busy{false};
  bool lost = false;                        // PCD_ERROR_DEVICE_LOST was seen
  std::string lost_message;
  std::vector<pcd_stream*> streams;
  int32_t last_stream = 0;
  std::unique_ptr<pcd::Observer> observer;  // null while nobody watches
  int64_t events = 0;
  int64_t graphs = 0;
  int64_t communicators = 0;
  std::atomic<int64_t> aborted{0};          // of these
};

namespace pcd {

enum class Handle : uint8_t { context, stream, buffer, event, graph, communicator };

// The handles that callers hold. Looking one up costs tens of nanoseconds and makes use after destroy an error.
void handle_add(const void* handle, Handle kind);
void handle_remove(const void* handle) noexcept;
bool handle_live(const void* handle, Handle kind) noexcept;

inline constexpr Handle kind_of(const pcd_context*) { return Handle::context; }
inline constexpr Handle kind_of(const pcd_stream*) { return Handle::stream; }
inline constexpr Handle kind_of(const pcd_buffer*) { return Handle::buffer; }
inline constexpr Handle kind_of(const pcd_event*) { return Handle::event; }
inline constexpr Handle kind_of(const pcd_graph*) { return Handle::graph; }
inline constexpr Handle kind_of(const pcd_communicator*) { return Handle::communicator; }

template <typename T>
bool live(const T* handle) noexcept {
  return handle != nullptr && handle_live(handle, kind_of(handle));
}

// Runs `body` and turns what it throws into a status.
template <typename Body>
int32_t no_throw(std::string& message, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    message.clear();
    try {
      message = "the host is out of memory";
    } catch (...) {
    }
    return PCD_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& failure) {
    try {
      message = failure.what();
    } catch (...) {
    }
    return PCD_ERROR_INTERNAL;
  } catch (...) {
    return PCD_ERROR_INTERNAL;
  }
}

enum class Door {
  work,     // refused once the device is lost
  cleanup,  // destroys and queries of our own state, which still go through
};

// Enters a live context: one thread at a time, message cleared, lost devices refused, the status kept.
template <typename Body>
int32_t enter(pcd_context* context, Door door, Body&& body) noexcept {
  if (context->busy.exchange(true, std::memory_order_acquire)) return PCD_ERROR_ARGUMENT;
  std::string& message = context->message;
  message.clear();
  const int32_t status = no_throw(message, [&]() -> int32_t {
    if (door == Door::work && context->lost) {
      return fail(message, PCD_ERROR_DEVICE_LOST,
                  "the device was lost (%s); destroy this context and what belongs to it", context->lost_message.c_str());
    }
    const int32_t result = body(message);
    if (result == PCD_ERROR_DEVICE_LOST && !context->lost) {
      context->lost = true;
      context->lost_message = message;
    }
    return result;
  });
  context->busy.store(false, std::memory_order_release);
  return status;
}

// Enters the context of a handle; PCD_ERROR_ARGUMENT, without a sentence, when there is no live handle to take it from.
template <typename T, typename Body>
int32_t enter_with(T* handle, Door door, Body&& body) noexcept {
  if (!live(handle)) return PCD_ERROR_ARGUMENT;
  return enter(handle->context, door, static_cast<Body&&>(body));
}

// A second handle of the same call: alive and of the same context.
template <typename T>
int32_t check_sibling(const T* handle, const pcd_context* context, const char* name, std::string& message) {
  if (handle == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s is NULL", name);
  if (!live(handle)) return fail(message, PCD_ERROR_ARGUMENT, "%s was destroyed, or is no %s", name, name);
  if (handle->context != context) return fail(message, PCD_ERROR_ARGUMENT, "%s belongs to another context", name);
  return PCD_OK;
}

// Refuses what cannot be part of a recording.
inline int32_t check_not_recording(const pcd_stream* stream, const char* what, std::string& message) {
  if (stream->recording == nullptr) return PCD_OK;
  return fail(message, PCD_ERROR_ARGUMENT, "%s: the stream is recording a graph; call pcd_graph_end first", what);
}

// After work of a backend that runs it later than the call, and so could not refuse it: a collective that was aborted
// ends as if it were done, or as a fault of the device. `status` is the backend's.
inline int32_t check_aborted(const pcd_context* context, int32_t status, std::string& message) {
  if (context->aborted.load(std::memory_order_acquire) == 0 || !context->backend->captures_graphs()) return status;
  const std::string fault = status == PCD_OK ? "" : " (" + message + ")";
  return fail(message, PCD_ERROR_COMMUNICATION, "a communicator of this context was aborted, and what its streams "
              "computed since is void%s; destroy the communicator", fault.c_str());
}

// Drops one reference of a buffer; the last one gives its memory back to the pool. Callable from any thread.
inline void drop_reference(pcd_buffer* buffer) noexcept { buffer->context->pool->drop(buffer); }

}  // namespace pcd

#endif
