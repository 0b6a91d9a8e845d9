// SPDX-License-Identifier: Apache-2.0
//
// CUPTI's activity records as events of a trace. CUPTI asks for buffers and hands them back, filled, on a thread of its
// own; they wait in a list of bounded length until the reader comes, and are decoded on the reader's thread.
//
// The clock: CUPTI converts the GPU's time stamps to a clock of the host by interpolation. Our callback makes that clock
// CLOCK_MONOTONIC, which all other events have too, instead of its own CLOCK_REALTIME.
#include "cuda/activity.h"

#include <cupti.h>
#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <time.h>
#include <vector>

namespace pcd::cuda {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr size_t kBufferAlignment = 8;  // ACTIVITY_RECORD_ALIGNMENT
constexpr size_t kMostWaiting = 64;     // buffers that nobody has read yet
constexpr CUpti_ActivityKind kKinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                         CUPTI_ACTIVITY_KIND_MEMSET};

// The functions that are used, of the library that was opened.
struct Cupti {
  decltype(&cuptiActivityRegisterTimestampCallback) register_clock = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) register_buffers = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityDisable) disable = nullptr;
  decltype(&cuptiActivityFlushAll) flush = nullptr;
  decltype(&cuptiActivityGetNextRecord) next = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) dropped = nullptr;
  decltype(&cuptiGetErrorMessage) text = nullptr;
};

struct Buffer {
  uint8_t* data;
  size_t valid;
};

struct State {
  std::mutex mutex;
  Cupti cupti;
  bool opened = false;
  bool started = false;
  std::vector<Buffer> waiting;
  uint64_t lost = 0;
};

// Never destroyed: CUPTI may still hand back a buffer while statics are torn down.
State& state() {
  static State* const instance = new State;
  return *instance;
}

uint64_t CUPTIAPI now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

void CUPTIAPI request(uint8_t** buffer, size_t* size, size_t* most_records) {
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(kBufferAlignment, kBufferBytes));
  *size = *buffer == nullptr ? 0 : kBufferBytes;
  *most_records = 0;
}

void CUPTIAPI complete(CUcontext context, uint32_t stream, uint8_t* buffer, size_t, size_t valid) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  size_t lost = 0;
  if (s.cupti.dropped != nullptr && s.cupti.dropped(context, stream, &lost) == CUPTI_SUCCESS) s.lost += lost;
  if (buffer == nullptr) return;
  if (valid > 0 && s.waiting.size() < kMostWaiting) {
    s.waiting.push_back({buffer, valid});
    return;
  }
  // Its records are counted as they are thrown away.
  CUpti_Activity* record = nullptr;
  while (valid > 0 && s.cupti.next(buffer, valid, &record) == CUPTI_SUCCESS) ++s.lost;
  std::free(buffer);
}

// "stem::forward<8, float>": the function without what it returns and takes.
std::string kernel_name(const char* mangled) {
  if (mangled == nullptr) return "kernel";
  int status = 0;
  char* const plain = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string name = status == 0 && plain != nullptr ? plain : mangled;
  std::free(plain);
  // The parameter list is the last bracket that opens at depth 0 of <> and ().
  int depth = 0;
  size_t parameters = std::string::npos;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '(' && depth == 0 && name.compare(i, 11, "(anonymous ") != 0) parameters = i;
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
  }
  if (parameters != std::string::npos && parameters > 0) name.resize(parameters);
  if (name.compare(0, 5, "void ") == 0) name.erase(0, 5);
  return name;
}

const char* direction(uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD: return "copy host to device";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH: return "copy device to host";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD: return "copy on device";
    default: return "copy";
  }
}

void set_name(pcd_trace_event& event, const char* name) { std::snprintf(event.name, sizeof(event.name), "%s", name); }

// False for a record that is of none of our kinds, or was cut off before its time stamps.
bool decode(const CUpti_Activity* record, pcd_trace_event& event) {
  std::memset(&event, 0, sizeof(event));
  event.dtype = -1;
  switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
      const auto* kernel = reinterpret_cast<const CUpti_ActivityKernel10*>(record);
      event.kind = PCD_TRACE_KERNEL;
      event.stream = static_cast<int32_t>(kernel->streamId);
      event.begin = static_cast<int64_t>(kernel->start);
      event.end = static_cast<int64_t>(kernel->end);
      set_name(event, kernel_name(kernel->name).c_str());
      break;
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
      const auto* copy = reinterpret_cast<const CUpti_ActivityMemcpy6*>(record);
      event.kind = PCD_TRACE_COPY;
      event.stream = static_cast<int32_t>(copy->streamId);
      event.begin = static_cast<int64_t>(copy->start);
      event.end = static_cast<int64_t>(copy->end);
      event.bytes = copy->bytes;
      set_name(event, direction(copy->copyKind));
      break;
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
      const auto* set = reinterpret_cast<const CUpti_ActivityMemset4*>(record);
      event.kind = PCD_TRACE_SET;
      event.stream = static_cast<int32_t>(set->streamId);
      event.begin = static_cast<int64_t>(set->start);
      event.end = static_cast<int64_t>(set->end);
      event.bytes = set->bytes;
      set_name(event, "memset");
      break;
    }
    default: return false;
  }
  return event.begin != 0 && event.end >= event.begin;  // CUPTI writes 0 for what it could not time
}

template <typename Function>
bool find(void* library, const char* name, Function* function, std::string& message) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  if (*function == nullptr) message = std::string("CUPTI has no ") + name + ": install that of CUDA 13";
  return *function != nullptr;
}

int32_t open(State& s, std::string& message) {
  if (s.opened) return PCD_OK;
  const char* const named = std::getenv("PCD_CUPTI");
  const std::string file = named != nullptr && *named != 0
                               ? named
                               : "libcupti.so." + std::to_string(CUPTI_API_VERSION / 10000);
  void* const library = dlopen(file.c_str(), RTLD_LOCAL | RTLD_NOW);
  if (library == nullptr) {
    const char* const why = dlerror();
    message = std::string("CUPTI cannot be loaded: ") + (why == nullptr ? file.c_str() : why) +
              "; it comes with the CUDA toolkit (extras/CUPTI/lib64): put its folder into LD_LIBRARY_PATH, or its "
              "path into PCD_CUPTI";
    return PCD_ERROR_UNSUPPORTED;
  }
  const bool complete = find(library, "cuptiActivityRegisterTimestampCallback", &s.cupti.register_clock, message) &&
                        find(library, "cuptiActivityRegisterCallbacks", &s.cupti.register_buffers, message) &&
                        find(library, "cuptiActivityEnable", &s.cupti.enable, message) &&
                        find(library, "cuptiActivityDisable", &s.cupti.disable, message) &&
                        find(library, "cuptiActivityFlushAll", &s.cupti.flush, message) &&
                        find(library, "cuptiActivityGetNextRecord", &s.cupti.next, message) &&
                        find(library, "cuptiActivityGetNumDroppedRecords", &s.cupti.dropped, message) &&
                        find(library, "cuptiGetErrorMessage", &s.cupti.text, message);
  if (!complete) return PCD_ERROR_UNSUPPORTED;
  s.opened = true;  // and never closed: CUPTI keeps threads
  return PCD_OK;
}

int32_t report(const State& s, CUptiResult result, const char* what, std::string& message) {
  if (result == CUPTI_SUCCESS) return PCD_OK;
  const char* text = nullptr;
  if (s.cupti.text(result, &text) != CUPTI_SUCCESS || text == nullptr) text = "unknown error";
  message = std::string("CUPTI, ") + what + ": " + text + " (" + std::to_string(static_cast<int>(result)) + ")";
  if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES) {
    message += "; the driver lets administrators alone profile: NVreg_RestrictProfilingToAdminUsers=0 opens it to all";
  }
  return PCD_ERROR_UNSUPPORTED;
}

}  // namespace

int32_t activity_start(std::string& message) {
  State& s = state();
  if (s.started) {
    message = "another context is traced with its device already; end that trace first";
    return PCD_ERROR_UNSUPPORTED;
  }
  int32_t status = open(s, message);
  if (status == PCD_OK) status = report(s, s.cupti.register_clock(now), "setting the clock", message);
  if (status == PCD_OK) {
    status = report(s, s.cupti.register_buffers(request, complete), "registering buffers", message);
  }
  for (size_t i = 0; status == PCD_OK && i < sizeof(kKinds) / sizeof(kKinds[0]); ++i) {
    status = report(s, s.cupti.enable(kKinds[i]), "enabling activities", message);
    if (status == PCD_OK) continue;
    while (i-- > 0) s.cupti.disable(kKinds[i]);
    break;
  }
  s.started = status == PCD_OK;
  return status;
}

int32_t activity_stop(std::string& message) {
  State& s = state();
  if (!s.started) return PCD_OK;
  s.started = false;
  int32_t status = report(s, s.cupti.flush(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED), "flushing", message);
  for (const CUpti_ActivityKind kind : kKinds) {
    const int32_t disabled = report(s, s.cupti.disable(kind), "disabling activities", message);
    if (status == PCD_OK) status = disabled;
  }
  return status;
}

uint64_t activity_take(void (*sink)(void* to, const pcd_trace_event& event), void* to) {
  State& s = state();
  std::vector<Buffer> buffers;
  uint64_t lost = 0;
  {
    const std::lock_guard lock(s.mutex);
    buffers.swap(s.waiting);
    lost = s.lost;
    s.lost = 0;
  }
  for (const Buffer& buffer : buffers) {
    CUpti_Activity* record = nullptr;
    pcd_trace_event event;
    while (s.cupti.next(buffer.data, buffer.valid, &record) == CUPTI_SUCCESS) {
      if (decode(record, event)) sink(to, event);
    }
    std::free(buffer.data);
  }
  return lost;
}

}  // namespace pcd::cuda
