// SPDX-License-Identifier: Apache-2.0
//
// What a backend (CPU, CUDA plug-in, SIMT plug-in) implements. The core owns handles, validation, the caching pool,
// recorded graphs of executing backends and all text; a backend owns raw memory, streams and the ops.
//
// Descriptors that reach a backend are complete (padded with zeros to the current struct_size) and validated: views
// lie inside their buffers, shapes and types fit together, views that the op needs are there and large enough.
//   - An optional view that is absent has rank 0 and no buffer, everywhere.
//   - A required view that this invocation does not use (a gradient in forward, an output in backward) has no buffer
//     but its type and shape are filled in; so are all required views of a size query. Sizes may read any of them.
//   - `saved` has no buffer under PCD_FLAG_INFERENCE; `packed`, `saved`, `workspace` have none where their size is 0.
// Nothing throws across this interface, because a plug-in is another shared library: a function returns a PCD_ status
// and, when it is not PCD_OK, has written one sentence to `message`; the core puts the op's name before it.
#ifndef PCD_CORE_BACKEND_H
#define PCD_CORE_BACKEND_H

#include <cstdint>
#include <string>

#include "precordia/precordia.h"

namespace pcd {

// Every op invocation of the ABI; the descriptor's type follows from it (core/op_table.h).
enum class OpId : int32_t {
  step_begin,
  metrics,
  gather_augment,
  pack,
  stem_forward,
  stem_backward,
  dilated_stack_forward,
  dilated_stack_backward,
  pool_project_forward,
  pool_project_backward,
  film_forward,
  film_backward,
  head_forward,
  head_backward,
  reconstruction_loss,
  supcon_forward,
  supcon_backward,
  classifier_forward,
  classifier_backward,
  ridge,
  adamw,
  fill,
  cast,
  copy,
  multiply_add,
  convolution_forward,
  convolution_backward,
  lstm_forward,
  lstm_backward,
  log_rms,
  count
};

class Backend {
 public:
  virtual ~Backend() = default;

  // -- memory: raw blocks, 256-byte aligned; the core's pool caches them
  virtual int32_t allocate(uint64_t bytes, int32_t memory, void** data, std::string& message) = 0;
  virtual void release(void* data, int32_t memory) noexcept = 0;
  virtual uint64_t memory_bytes() const = 0;  // physical memory of the device
  virtual uint64_t free_bytes() const { return 0; }  // of it, what no process holds; 0: unknown

  // -- streams and events; a null stream handle is valid on the CPU
  virtual int32_t stream_create(void** stream, std::string& message) = 0;
  virtual void stream_destroy(void* stream) noexcept = 0;
  virtual int32_t stream_synchronize(void* stream, std::string& message) = 0;
  virtual int32_t stream_status(void* stream, std::string& message) = 0;
  virtual void* stream_native_handle(void* stream) = 0;
  virtual int32_t event_create(void** event, std::string& message) = 0;
  virtual void event_destroy(void* event) noexcept = 0;
  virtual int32_t event_record(void* event, void* stream, std::string& message) = 0;
  virtual int32_t event_wait(void* event, void* stream, std::string& message) = 0;
  virtual int32_t event_synchronize(void* event, std::string& message) = 0;
  virtual int32_t event_elapsed(void* begin, void* end, double* milliseconds, std::string& message) = 0;

  // -- host memory <-> device memory, in stream order; upload may return when `source` is reusable
  virtual int32_t upload(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) = 0;
  virtual int32_t download(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) = 0;

  // -- graphs: a backend that executes at the call returns false and the core keeps the list of descriptors
  virtual bool captures_graphs() const = 0;
  virtual int32_t capture_begin(void* stream, std::string& message) = 0;
  virtual int32_t capture_end(void* stream, void** graph, std::string& message) = 0;
  virtual int32_t graph_launch(void* graph, void* stream, std::string& message) = 0;
  virtual void graph_destroy(void* graph) noexcept = 0;

  // -- ops. Sizes depend on shapes and flags only; buffers in `desc` may be null there. saved_size is asked for
  //    forward, workspace_size for forward and backward each: the caller allocates the larger. pack_size: what an op
  //    of that kind reads as `packed`.
  virtual int32_t workspace_size(OpId op, const void* desc, uint64_t* bytes, std::string& message) = 0;
  virtual int32_t saved_size(OpId op, const void* desc, uint64_t* bytes, std::string& message) = 0;
  virtual int32_t pack_size(const pcd_pack_entry& entry, uint64_t* bytes, std::string& message) = 0;
  virtual int32_t run(void* stream, OpId op, const void* desc, std::string& message) = 0;
};

// What a plug-in adds to the core's observer (core/observer.h). No function throws.
struct DeviceProfiler {
  bool (*ranges_wanted)();                   // the environment asks for ranges in a profiler of another vendor
  void (*range_push)(const char* name);      // one opens on the calling thread
  void (*range_pop)();
  // The device's own activities. One trace at a time; `take` gives the sink what is complete, all of it after a stop.
  int32_t (*start)(std::string& message);
  int32_t (*stop)(std::string& message);
  uint64_t (*take)(void (*sink)(void* to, const pcd_trace_event& event), void* to);  // returns what was lost
};

struct TransportPlugin;

// What a plug-in exports as `pcd_plugin_v1`. The build id must equal the core's.
struct Plugin {
  uint32_t struct_size;
  int32_t backend;  // PCD_BACKEND_*
  const char* build_id;
  int32_t (*device_count)(int32_t* count, std::string& message);
  int32_t (*device_query)(int32_t index, pcd_device_info* info, std::string& message);
  int32_t (*create)(const pcd_context_desc* desc, Backend** backend, std::string& message);
  void (*destroy)(Backend* backend);
  const DeviceProfiler* profiler;  // null: the core's own clock alone
  const TransportPlugin* transport;  // between the ranks of this backend (core/transport.h); null: none
};

// The CPU backend, compiled into this library (cpu/backend.cc).
const Plugin* cpu_plugin();

}  // namespace pcd

// The symbol a plug-in exports: returns null when struct_size or build_id do not fit.
extern "C" {
typedef const pcd::Plugin* (*pcd_plugin_v1_fn)(uint32_t struct_size, const char* build_id);
}

#endif
