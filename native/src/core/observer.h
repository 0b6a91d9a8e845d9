// SPDX-License-Identifier: Apache-2.0
//
// The one observer of what reaches a backend: it keeps events for pcd_trace_read and opens ranges in the profiler that
// the plug-in knows (NVTX). A context that nobody watches has none, and a call then costs the test of a pointer.
#ifndef PCD_CORE_OBSERVER_H
#define PCD_CORE_OBSERVER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/backend.h"

namespace pcd {

// A call that is about to reach a backend.
struct ObservedCall {
  int32_t kind;                      // PCD_TRACE_OP to PCD_TRACE_WAIT
  const char* name;                  // null: the op's
  uint64_t bytes = 0;
  OpId op = OpId::count;             // of an op, with its complete descriptor
  const void* descriptor = nullptr;
};

class Observer {
 public:
  explicit Observer(const DeviceProfiler* profiler);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // Null unless ranges are wanted from the beginning.
  static std::unique_ptr<Observer> of_new_context(const DeviceProfiler* profiler);

  bool tracing() const { return tracing_; }
  // `device`: with the device's own activities.
  int32_t start(uint64_t capacity, bool device, std::string& message);
  int32_t stop(std::string& message);
  uint64_t read(pcd_trace_event* events, uint64_t capacity);
  uint64_t dropped() const { return dropped_; }
  bool device() const { return device_; }

  static constexpr size_t kNone = SIZE_MAX;
  // Opens an event; the index closes it. kNone when it is not kept.
  size_t begin(int32_t stream, const ObservedCall& call) noexcept;
  void end(size_t index) noexcept;

 private:
  void take_device_events();

  const DeviceProfiler* const profiler_;
  const bool ranges_;
  bool tracing_ = false;
  bool device_ = false;
  std::vector<pcd_trace_event> events_;  // its capacity is the trace's: nothing is allocated while ops run
  size_t read_ = 0;                      // events before it were handed out
  uint64_t dropped_ = 0;
  std::vector<pcd_trace_event> device_events_;
  size_t device_read_ = 0;
};

// Watches one call from its construction to the end of its scope.
class Observed {
 public:
  Observed(Observer* observer, int32_t stream, const ObservedCall& call) noexcept : observer_(observer) {
    if (__builtin_expect(observer_ != nullptr, 0)) index_ = observer_->begin(stream, call);
  }
  ~Observed() {
    if (__builtin_expect(observer_ != nullptr, 0)) observer_->end(index_);
  }
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;

 private:
  Observer* const observer_;
  size_t index_ = Observer::kNone;
};

}  // namespace pcd

#endif
