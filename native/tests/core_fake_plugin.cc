// SPDX-License-Identifier: Apache-2.0
//
// A plug-in for the core's tests: host memory, streams that only remember, graphs that it captures itself. It writes
// every call to a log (fake_log) and fails when told to (fake_fail_next_run, fake_set_devices). Its profiler's ranges
// are wanted when fake_set_ranges says so.
//
// FAKE_BUILD_ID names its build; FAKE_NULL_ON_MISMATCH makes it refuse another build's core itself, as real ones do;
// FAKE_ENTRY is the name it exports.
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "core/backend.h"
#include "core/buffer.h"
#include "precordia/build_id.h"

#ifndef FAKE_BUILD_ID
#define FAKE_BUILD_ID PCD_BUILD_ID
#endif
#ifndef FAKE_ENTRY
#define FAKE_ENTRY pcd_plugin_v1
#endif

namespace {

using pcd::OpId;

std::string log_text;
int32_t next_run_status = PCD_OK;
int32_t devices = 2;
int next_number = 0;

struct Thing {
  char letter;
  int number;
};

void* make(char letter) { return new Thing{letter, ++next_number}; }
void drop(void* thing) { delete static_cast<Thing*>(thing); }

std::string name(void* thing) {
  const auto* t = static_cast<Thing*>(thing);
  return t == nullptr ? "-" : t->letter + std::to_string(t->number);
}

void note(const std::string& line) { log_text += line + "\n"; }

class FakeBackend final : public pcd::Backend {
 public:
  int32_t allocate(uint64_t bytes, int32_t, void** data, std::string& message) override {
    if (bytes > 1 << 20) {
      message = "the fake device is full";
      return PCD_ERROR_OUT_OF_MEMORY;
    }
    *data = std::aligned_alloc(256, bytes);
    note("allocate " + std::to_string(bytes));
    return PCD_OK;
  }
  void release(void* data, int32_t) noexcept override {
    note("release");
    std::free(data);
  }
  uint64_t memory_bytes() const override { return 1 << 30; }
  uint64_t free_bytes() const override { return 3 << 28; }
  int32_t stream_create(void** stream, std::string&) override {
    *stream = make('s');
    return PCD_OK;
  }
  void stream_destroy(void* stream) noexcept override { drop(stream); }
  int32_t stream_synchronize(void* stream, std::string&) override {
    note("synchronize " + name(stream));
    return PCD_OK;
  }
  int32_t stream_status(void*, std::string&) override { return PCD_OK; }
  void* stream_native_handle(void* stream) override { return stream; }
  int32_t event_create(void** event, std::string&) override {
    *event = make('e');
    return PCD_OK;
  }
  void event_destroy(void* event) noexcept override { drop(event); }
  int32_t event_record(void*, void* stream, std::string&) override {
    note("record " + name(stream));
    return PCD_OK;
  }
  int32_t event_wait(void*, void* stream, std::string&) override {
    note("wait " + name(stream));
    return PCD_OK;
  }
  int32_t event_synchronize(void*, std::string&) override { return PCD_OK; }
  int32_t event_elapsed(void*, void*, double* milliseconds, std::string&) override {
    *milliseconds = 1;
    return PCD_OK;
  }
  int32_t upload(void*, const void* source, void* target, uint64_t bytes, std::string&) override {
    std::memcpy(target, source, bytes);
    return PCD_OK;
  }
  int32_t download(void*, const void* source, void* target, uint64_t bytes, std::string&) override {
    std::memcpy(target, source, bytes);
    return PCD_OK;
  }
  bool captures_graphs() const override { return true; }
  int32_t capture_begin(void* stream, std::string&) override {
    note("capture " + name(stream));
    return PCD_OK;
  }
  int32_t capture_end(void* stream, void** graph, std::string&) override {
    *graph = make('g');
    note("captured " + name(*graph) + " on " + name(stream));
    return PCD_OK;
  }
  int32_t graph_launch(void* graph, void* stream, std::string&) override {
    note("launch " + name(graph) + " on " + name(stream));
    return PCD_OK;
  }
  void graph_destroy(void* graph) noexcept override {
    note("destroy " + name(graph));
    drop(graph);
  }
  int32_t workspace_size(OpId, const void*, uint64_t* bytes, std::string&) override {
    *bytes = 0;
    return PCD_OK;
  }
  int32_t saved_size(OpId, const void*, uint64_t* bytes, std::string&) override {
    *bytes = 0;
    return PCD_OK;
  }
  int32_t pack_size(const pcd_pack_entry&, uint64_t* bytes, std::string&) override {
    *bytes = 0;
    return PCD_OK;
  }
  int32_t run(void* stream, OpId op, const void*, std::string& message) override {
    const int32_t status = next_run_status;
    next_run_status = PCD_OK;
    if (status != PCD_OK) {
      message = "the fake device was told to fail";
      return status;
    }
    note("run " + std::to_string(static_cast<int>(op)) + " on " + name(stream));
    return PCD_OK;
  }
};

int32_t device_count(int32_t* count, std::string& message) {
  if (devices < 0) {
    message = "no driver for the fake device";
    return PCD_ERROR_NO_DEVICE;
  }
  *count = devices;
  return PCD_OK;
}

int32_t device_query(int32_t index, pcd_device_info* info, std::string&) {
  info->compute_units = 10 + index;
  std::strcpy(info->name, "fake");
  return PCD_OK;
}

int32_t create(const pcd_context_desc*, pcd::Backend** backend, std::string&) {
  *backend = new FakeBackend;
  return PCD_OK;
}

void destroy(pcd::Backend* backend) { delete backend; }

// A profiler that notes ranges, and whose device has run one kernel of 5 ns at every stop.
bool ranges = false;
bool stopped = false;

bool ranges_wanted() { return ranges; }
void range_push(const char* name) { note(std::string("push ") + name); }
void range_pop() { note("pop"); }

int32_t start(std::string& message) {
  const int32_t status = next_run_status;
  next_run_status = PCD_OK;
  if (status != PCD_OK) message = "the fake profiler was told to fail";
  return status;
}

int32_t stop(std::string&) {
  note("stop");
  stopped = true;
  return PCD_OK;
}

uint64_t take(void (*sink)(void*, const pcd_trace_event&), void* to) {
  if (!stopped) return 0;
  stopped = false;
  pcd_trace_event event{};
  event.kind = PCD_TRACE_KERNEL;
  event.stream = 7;
  event.begin = 10;
  event.end = 15;
  std::strcpy(event.name, "fake kernel");
  sink(to, event);
  return 2;
}

const pcd::DeviceProfiler profiler = {ranges_wanted, range_push, range_pop, start, stop, take};

}  // namespace

extern "C" {

PCD_API const char* fake_log(void) { return log_text.c_str(); }
PCD_API void fake_clear_log(void) { log_text.clear(); }
PCD_API void fake_fail_next_run(int32_t status) { next_run_status = status; }
PCD_API void fake_set_devices(int32_t count) { devices = count; }
PCD_API void fake_set_ranges(int32_t on) { ranges = on != 0; }

PCD_API const pcd::Plugin* FAKE_ENTRY(uint32_t struct_size, const char* build_id);
const pcd::Plugin* FAKE_ENTRY(uint32_t struct_size, const char* build_id) {
  static const pcd::Plugin plugin = {sizeof(pcd::Plugin), PCD_BACKEND_SIMT, FAKE_BUILD_ID, &device_count,
                                     &device_query,       &create,          &destroy,        &profiler, nullptr};
#ifdef FAKE_NULL_ON_MISMATCH
  if (struct_size != sizeof(pcd::Plugin) || std::strcmp(build_id, FAKE_BUILD_ID) != 0) return nullptr;
#else
  (void)struct_size;
  (void)build_id;
#endif
  return &plugin;
}
}
