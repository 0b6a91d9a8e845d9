// SPDX-License-Identifier: Apache-2.0
//
// Plug-ins, and the core above a backend that is asynchronous and captures graphs. Copies of the library lie in folders
// with different neighbours (argument: their parent folder):
//   none         no plug-in                      other_build   one that says it is of another build
//   broken       a file that is no library       refuses       one that refuses this core
//   no_entry     a library without the symbol    fake          core_fake_plugin.cc, of this build
#include <dlfcn.h>

#include <functional>

#include "core_support.h"

using namespace pcd::test;

namespace {

std::string folders;

// The functions of one copy of the library that the tests below call.
struct Library {
  explicit Library(const std::string& folder) : path(folders + "/" + folder + "/libprecordia_core.so") {
    handle = dlopen(path.c_str(), RTLD_LOCAL | RTLD_NOW);
    if (handle == nullptr) {
      fail(dlerror());
      throw Abandoned();
    }
  }
  ~Library() { dlclose(handle); }

  template <typename Function>
  Function* get(const char* name, Function*) const {
    auto* const found = reinterpret_cast<Function*>(dlsym(handle, name));
    if (found == nullptr) {
      fail(std::string("no ") + name + " in " + path);
      throw Abandoned();
    }
    return found;
  }

  std::string path;
  void* handle;
};

#define CALL(library, function) (library).get(#function, &function)

std::string why_no_plugin(const std::string& folder, int32_t expected) {
  const Library library(folder);
  char message[1024] = "";
  int32_t count = -1;
  CHECK_EQ(CALL(library, pcd_device_count)(PCD_BACKEND_SIMT, &count, message, sizeof message), expected);
  CHECK_EQ(count, 0);
  return message;
}

extern "C" {
const char* fake_log(void);
void fake_clear_log(void);
void fake_fail_next_run(int32_t status);
void fake_set_devices(int32_t count);
void fake_set_ranges(int32_t on);
}

// A context on the fake backend, and what it was asked to do.
struct Fake {
  explicit Fake(uint64_t memory_limit = 0) : core("fake") {
    auto desc = sized<pcd_context_desc>();
    desc.backend = PCD_BACKEND_SIMT;
    desc.device = 1;
    desc.memory_limit = memory_limit;
    char message[512] = "";
    if (CALL(core, pcd_context_create)(&desc, &context, message, sizeof message) != PCD_OK) {
      fail(message);
      throw Abandoned();
    }
    plugin = dlopen((folders + "/fake/libprecordia_simt.so").c_str(), RTLD_LOCAL | RTLD_NOW);
    reinterpret_cast<decltype(&fake_clear_log)>(dlsym(plugin, "fake_clear_log"))();
  }

  std::string log() const { return reinterpret_cast<decltype(&fake_log)>(dlsym(plugin, "fake_log"))(); }
  void fail_next_run(int32_t status) const {
    reinterpret_cast<decltype(&fake_fail_next_run)>(dlsym(plugin, "fake_fail_next_run"))(status);
  }
  std::string message() const { return CALL(core, pcd_context_message)(context); }
  void require(int32_t status) const {
    if (status == PCD_OK) return;
    fail(std::string("status ") + std::to_string(status) + ": " + message());
    throw Abandoned();
  }
  pcd_stream* stream() {
    pcd_stream* made = nullptr;
    require(CALL(core, pcd_stream_create)(context, &made));
    return made;
  }
  pcd_buffer* buffer(pcd_stream* on, uint64_t bytes) {
    pcd_buffer* made = nullptr;
    require(CALL(core, pcd_buffer_create)(on, bytes, PCD_MEMORY_DEVICE, &made));
    return made;
  }
  void destroy(pcd_buffer* buffer) { require(CALL(core, pcd_buffer_destroy)(buffer)); }
  pcd_fill_desc fill(pcd_buffer* buffer) const {
    auto desc = sized<pcd_fill_desc>();
    desc.tensor.buffer = buffer;
    desc.tensor.rank = 1;
    desc.tensor.shape[0] = 4;
    return desc;
  }

  Library core;
  void* plugin = nullptr;
  pcd_context* context = nullptr;
};

}  // namespace

TEST(no_plugin_beside_the_library) {
  const std::string why = why_no_plugin("none", PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(why, "no SIMT plug-in: " + folders + "/none/libprecordia_simt.so");
  CHECK_CONTAINS(why, "No such file");
  const Library library("none");
  char message[1024] = "";
  auto desc = sized<pcd_context_desc>();
  pcd_context* context = nullptr;
  desc.backend = PCD_BACKEND_CUDA;
  CHECK_EQ(CALL(library, pcd_context_create)(&desc, &context, message, sizeof message), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(message, "no CUDA plug-in: " + folders + "/none/libprecordia_cuda.so");
  CHECK_CONTAINS(message, "put nvcc");
  auto info = sized<pcd_device_info>();
  CHECK_EQ(CALL(library, pcd_device_query)(PCD_BACKEND_CUDA, 0, &info, message, sizeof message), PCD_ERROR_NO_PLUGIN);
}

TEST(a_plugin_of_another_build) {
  const std::string why = why_no_plugin("other_build", PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(why, "0.0.0+fake");
  CHECK_CONTAINS(why, "this library of build ");
  CHECK_CONTAINS(why, "libraries of one build");
}

TEST(a_plugin_that_refuses_this_core) {
  CHECK_CONTAINS(why_no_plugin("refuses", PCD_ERROR_NO_PLUGIN), "is of another build");
}

TEST(a_file_that_is_no_library) {
  CHECK_CONTAINS(why_no_plugin("broken", PCD_ERROR_NO_PLUGIN), "cannot be loaded: " + folders + "/broken/");
}

TEST(a_library_without_the_symbol) {
  CHECK_CONTAINS(why_no_plugin("no_entry", PCD_ERROR_NO_PLUGIN), "exports no pcd_plugin_v1");
}

TEST(devices_of_a_plugin) {
  const Library library("fake");
  char message[512] = "";
  int32_t count = 0;
  CHECK_EQ(CALL(library, pcd_device_count)(PCD_BACKEND_SIMT, &count, message, sizeof message), PCD_OK);
  CHECK_EQ(count, 2);
  auto info = sized<pcd_device_info>();
  CHECK_EQ(CALL(library, pcd_device_query)(PCD_BACKEND_SIMT, 1, &info, message, sizeof message), PCD_OK);
  CHECK_EQ(info.compute_units, 11);
  CHECK_EQ(info.backend, PCD_BACKEND_SIMT);
  CHECK_EQ(info.index, 1);
  CHECK_EQ(CALL(library, pcd_device_query)(PCD_BACKEND_SIMT, 2, &info, message, sizeof message), PCD_ERROR_NO_DEVICE);
  CHECK_CONTAINS(message, "device is 2; there are 2 SIMT devices");

  void* const plugin = dlopen((folders + "/fake/libprecordia_simt.so").c_str(), RTLD_LOCAL | RTLD_NOW);
  const auto set_devices = reinterpret_cast<decltype(&fake_set_devices)>(dlsym(plugin, "fake_set_devices"));
  set_devices(-1);
  CHECK_EQ(CALL(library, pcd_device_count)(PCD_BACKEND_SIMT, &count, message, sizeof message), PCD_ERROR_NO_DEVICE);
  CHECK_CONTAINS(message, "no driver for the fake device");
  set_devices(2);
}

TEST(memory_crosses_streams_only_behind_an_event) {
  Fake fake(8192);
  pcd_stream *one = fake.stream(), *two = fake.stream();
  fake.destroy(fake.buffer(one, 4096));
  fake.destroy(fake.buffer(one, 4096));
  CHECK_EQ(fake.log(), "allocate 4096\n");  // the second took the first's block, without a word to the device
  // Room is left: the other stream gets memory of its own.
  pcd_buffer* const fresh = fake.buffer(two, 4096);
  CHECK_EQ(fake.log(), "allocate 4096\nallocate 4096\n");
  // None is left: the first stream's block, behind what that stream has to do.
  pcd_buffer* const taken = fake.buffer(two, 4096);
  CHECK_EQ(fake.log(), "allocate 4096\nallocate 4096\nrecord s1\nwait s2\n");
  fake.destroy(taken);
  fake.destroy(fresh);
  // Too large for any block: cached ones go back to the system, after their stream is done.
  pcd_buffer* const large = fake.buffer(one, 8192);
  CHECK_CONTAINS(fake.log(), "wait s2\nsynchronize s2\nrelease\nrelease\nallocate 8192\n");
  fake.destroy(large);
  fake.require(CALL(fake.core, pcd_stream_destroy)(one));
  fake.require(CALL(fake.core, pcd_stream_destroy)(two));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

TEST(the_device_runs_out) {
  Fake fake;
  pcd_stream* const stream = fake.stream();
  pcd_buffer* buffer = nullptr;
  CHECK_EQ(CALL(fake.core, pcd_buffer_create)(stream, 2 << 20, PCD_MEMORY_DEVICE, &buffer), PCD_ERROR_OUT_OF_MEMORY);
  CHECK_CONTAINS(fake.message(), "no room for 2.0 MiB: 0 bytes in use, the device has 1.0 GiB, 768.0 MiB free on the "
                                 "device (the fake device is full)");
  fake.require(CALL(fake.core, pcd_stream_destroy)(stream));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

TEST(a_capturing_backend_gets_the_calls) {
  Fake fake;
  pcd_stream *one = fake.stream(), *two = fake.stream();
  pcd_buffer* const buffer = fake.buffer(one, 256);
  const pcd_fill_desc fill = fake.fill(buffer);
  pcd_graph* graph = nullptr;
  fake.require(CALL(fake.core, pcd_graph_begin)(one));
  fake.require(CALL(fake.core, pcd_fill)(one, &fill));
  fake.require(CALL(fake.core, pcd_graph_end)(one, &graph));
  int64_t ops = 0;
  fake.require(CALL(fake.core, pcd_graph_size)(graph, &ops));
  CHECK_EQ(ops, 1);
  fake.destroy(buffer);
  fake.require(CALL(fake.core, pcd_graph_launch)(graph, two));
  // Its buffer belongs to the first stream and would be reused there, while the second may still run the graph.
  fake.require(CALL(fake.core, pcd_graph_destroy)(graph));
  const std::string log = fake.log();
  CHECK_CONTAINS(log, "capture s");
  const size_t launched = log.find("launch g"), waited = log.find("synchronize s"), destroyed = log.find("destroy g");
  CHECK(launched != std::string::npos && launched < waited && waited < destroyed && destroyed != std::string::npos);
  auto info = sized<pcd_memory_info>();
  fake.require(CALL(fake.core, pcd_memory_query)(fake.context, &info));
  CHECK_EQ(info.buffers, 0u);
  CHECK_EQ(info.cached, 256u);

  // A failed op ends the capture and leaves nothing behind.
  pcd_buffer* const again = fake.buffer(one, 256);
  const pcd_fill_desc refill = fake.fill(again);
  fake.require(CALL(fake.core, pcd_graph_begin)(one));
  fake.fail_next_run(PCD_ERROR_UNSUPPORTED);
  CHECK_EQ(CALL(fake.core, pcd_fill)(one, &refill), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(fake.message(), "fill: the fake device was told to fail");
  CHECK_EQ(CALL(fake.core, pcd_graph_end)(one, &graph), PCD_ERROR_UNSUPPORTED);
  CHECK(graph == nullptr);
  fake.destroy(again);
  fake.require(CALL(fake.core, pcd_stream_destroy)(one));
  fake.require(CALL(fake.core, pcd_stream_destroy)(two));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

TEST(a_plugin_shows_ranges) {
  const Library core("fake");
  void* const plugin = dlopen((folders + "/fake/libprecordia_simt.so").c_str(), RTLD_LOCAL | RTLD_NOW);
  const auto set_ranges = reinterpret_cast<decltype(&fake_set_ranges)>(dlsym(plugin, "fake_set_ranges"));
  set_ranges(1);
  Fake fake;
  set_ranges(0);
  pcd_stream* const stream = fake.stream();
  pcd_buffer* const buffer = fake.buffer(stream, 256);
  const pcd_fill_desc fill = fake.fill(buffer);
  pcd_graph* graph = nullptr;
  fake.require(CALL(fake.core, pcd_graph_begin)(stream));
  fake.require(CALL(fake.core, pcd_fill)(stream, &fill));
  fake.require(CALL(fake.core, pcd_graph_end)(stream, &graph));
  fake.require(CALL(fake.core, pcd_graph_launch)(graph, stream));
  fake.require(CALL(fake.core, pcd_stream_synchronize)(stream));
  const std::string log = fake.log();
  for (const char* name : {"fill\nrun ", "graph\nlaunch ", "stream_synchronize\nsynchronize "}) {
    const size_t pushed = log.find(std::string("push ") + name);
    CHECK(pushed != std::string::npos && log.find("\npop\n", pushed) != std::string::npos);
  }
  fake.require(CALL(fake.core, pcd_graph_destroy)(graph));
  fake.destroy(buffer);
  fake.require(CALL(fake.core, pcd_stream_destroy)(stream));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

TEST(a_trace_has_what_the_device_did) {
  Fake fake;
  pcd_stream* const stream = fake.stream();
  pcd_buffer* const buffer = fake.buffer(stream, 256);
  const pcd_fill_desc fill = fake.fill(buffer);
  auto trace = sized<pcd_trace_desc>();
  trace.flags = PCD_TRACE_FLAG_DEVICE;
  fake.fail_next_run(PCD_ERROR_UNSUPPORTED);
  CHECK_EQ(CALL(fake.core, pcd_trace_start)(fake.context, &trace), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(fake.message(), "pcd_trace_start: the fake profiler was told to fail");
  fake.require(CALL(fake.core, pcd_trace_start)(fake.context, &trace));
  pcd_graph* graph = nullptr;
  fake.require(CALL(fake.core, pcd_graph_begin)(stream));
  fake.require(CALL(fake.core, pcd_fill)(stream, &fill));
  fake.require(CALL(fake.core, pcd_graph_end)(stream, &graph));
  fake.require(CALL(fake.core, pcd_graph_launch)(graph, stream));
  fake.require(CALL(fake.core, pcd_trace_stop)(fake.context));
  // All work is done before the profiler is told to stop.
  const std::string log = fake.log();
  CHECK(log.find("synchronize s") < log.find("stop\n") && log.find("stop\n") != std::string::npos);

  pcd_trace_event events[8];
  uint64_t count = 0, dropped = 0;
  fake.require(CALL(fake.core, pcd_trace_read)(fake.context, events, 8, &count, &dropped));
  CHECK_EQ(count, 3u);
  CHECK_EQ(dropped, 2u);  // the profiler's own
  CHECK_EQ(events[0].kind, PCD_TRACE_CAPTURE);
  CHECK_EQ(std::string(events[0].name), "fill");
  CHECK_EQ(events[1].kind, PCD_TRACE_GRAPH);
  CHECK_EQ(events[2].kind, PCD_TRACE_KERNEL);
  CHECK_EQ(std::string(events[2].name), "fake kernel");
  CHECK_EQ(events[2].stream, 7);
  CHECK_EQ(events[2].end - events[2].begin, 5);
  fake.require(CALL(fake.core, pcd_graph_destroy)(graph));
  fake.destroy(buffer);
  fake.require(CALL(fake.core, pcd_stream_destroy)(stream));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

TEST(a_lost_device_stays_lost) {
  Fake fake;
  pcd_stream* const stream = fake.stream();
  pcd_buffer* const buffer = fake.buffer(stream, 256);
  const pcd_fill_desc fill = fake.fill(buffer);
  fake.fail_next_run(PCD_ERROR_DEVICE_LOST);
  CHECK_EQ(CALL(fake.core, pcd_fill)(stream, &fill), PCD_ERROR_DEVICE_LOST);
  CHECK_EQ(CALL(fake.core, pcd_fill)(stream, &fill), PCD_ERROR_DEVICE_LOST);
  CHECK_CONTAINS(fake.message(), "the device was lost (fill: the fake device was told to fail)");
  CHECK_EQ(CALL(fake.core, pcd_stream_synchronize)(stream), PCD_ERROR_DEVICE_LOST);
  pcd_stream* none = nullptr;
  CHECK_EQ(CALL(fake.core, pcd_stream_create)(fake.context, &none), PCD_ERROR_DEVICE_LOST);
  // What exists can still be given back.
  fake.destroy(buffer);
  fake.require(CALL(fake.core, pcd_stream_destroy)(stream));
  fake.require(CALL(fake.core, pcd_context_destroy)(fake.context));
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fail("the folder of the copies is missing");
    return verdict();
  }
  folders = argv[1];
  return run_cases(argc - 1, argv + 1);
}
