// SPDX-License-Identifier: Apache-2.0
//
// Events of calls, kept in memory that was set aside at the start, and the entry points of traces.
#include "core/observer.h"

#include <chrono>
#include <cstdio>
#include <cstring>

#include "core/handles.h"
#include "core/op_facts.h"
#include "core/op_table.h"
#include "core/sized_struct.h"

namespace pcd {
namespace {

constexpr uint64_t kDefaultCapacity = 16384;
constexpr uint64_t kMostCapacity = uint64_t{1} << 24;

// Hands out of `events`, from `read` on, what fits, and forgets what was handed out once that is all.
uint64_t hand_out(std::vector<pcd_trace_event>& events, size_t& read, pcd_trace_event* to, uint64_t room) {
  const size_t left = events.size() - read;
  const size_t count = left < room ? left : static_cast<size_t>(room);
  if (count > 0) std::memcpy(to, events.data() + read, count * sizeof(pcd_trace_event));
  read += count;
  if (read == events.size()) {
    events.clear();
    read = 0;
  }
  return count;
}

}  // namespace

Observer::Observer(const DeviceProfiler* profiler)
    : profiler_(profiler), ranges_(profiler != nullptr && profiler->ranges_wanted()) {}

Observer::~Observer() {
  std::string ignored;
  stop(ignored);
}

std::unique_ptr<Observer> Observer::of_new_context(const DeviceProfiler* profiler) {
  if (profiler == nullptr || !profiler->ranges_wanted()) return nullptr;
  return std::make_unique<Observer>(profiler);
}

int32_t Observer::start(uint64_t capacity, bool device, std::string& message) {
  if (device) {
    if (profiler_ == nullptr) {
      return fail(message, PCD_ERROR_UNSUPPORTED, "pcd_trace_start: this backend has no activities of a device beside "
                  "its calls");
    }
    const int32_t status = profiler_->start(message);
    if (status != PCD_OK) return fail(message, status, "pcd_trace_start: %s", message.c_str());
  }
  device_ = device;
  events_.clear();
  device_events_.clear();
  read_ = device_read_ = 0;
  dropped_ = 0;
  events_.shrink_to_fit();
  events_.reserve(capacity);
  tracing_ = true;
  return PCD_OK;
}

int32_t Observer::stop(std::string& message) {
  if (!tracing_) return PCD_OK;
  tracing_ = false;
  if (!device_) return PCD_OK;
  const int32_t status = profiler_->stop(message);
  take_device_events();
  device_ = false;
  return status == PCD_OK ? status : fail(message, status, "pcd_trace_stop: %s", message.c_str());
}

void Observer::take_device_events() {
  const auto sink = [](void* to, const pcd_trace_event& event) {
    auto* const self = static_cast<Observer*>(to);
    // As much as the host's part may hold: a reader that never comes must not fill the memory.
    if (self->device_events_.size() >= self->events_.capacity()) {
      ++self->dropped_;
      return;
    }
    try {
      self->device_events_.push_back(event);
    } catch (...) {
      ++self->dropped_;
    }
  };
  dropped_ += profiler_->take(sink, this);
}

uint64_t Observer::read(pcd_trace_event* events, uint64_t capacity) {
  uint64_t count = hand_out(events_, read_, events, capacity);
  if (count < capacity) {
    if (device_ && device_events_.empty()) take_device_events();
    count += hand_out(device_events_, device_read_, events + count, capacity - count);
  }
  return count;
}

size_t Observer::begin(int32_t stream, const ObservedCall& call) noexcept {
  const char* const name = call.name == nullptr ? op_name(call.op) : call.name;
  if (ranges_) profiler_->range_push(name);
  if (!tracing_) return kNone;
  if (events_.size() == events_.capacity()) {
    ++dropped_;
    return kNone;
  }
  events_.emplace_back();
  pcd_trace_event& event = events_.back();
  event.kind = call.kind;
  event.stream = stream;
  event.bytes = call.bytes;
  event.dtype = -1;
  std::snprintf(event.name, sizeof(event.name), "%s", name);
  if (call.descriptor != nullptr) {
    const OpFacts facts = op_facts(call.op, call.descriptor);
    event.operations = facts.operations;
    if (facts.view != nullptr) {
      event.dtype = facts.view->dtype;
      event.rank = facts.view->rank;
      std::memcpy(event.shape, facts.view->shape, sizeof(event.shape));
    }
  }
  event.begin = pcd_trace_clock();
  return events_.size() - 1;
}

void Observer::end(size_t index) noexcept {
  if (index != kNone) events_[index].end = pcd_trace_clock();
  if (ranges_) profiler_->range_pop();
}

}  // namespace pcd

using namespace pcd;

int64_t pcd_trace_clock(void) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int32_t pcd_trace_start(pcd_context* context, const pcd_trace_desc* desc) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    pcd_trace_desc given;
    const int32_t status = read_struct(desc, &given, "pcd_trace_start", message);
    if (status != PCD_OK) return status;
    if ((given.flags & ~uint32_t{PCD_TRACE_FLAG_DEVICE}) != 0) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_trace_start: flags is 0x%x; known is DEVICE (1)",
                  static_cast<unsigned>(given.flags));
    }
    if (given.capacity > kMostCapacity) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_trace_start: capacity is %llu, expected 0 (16384) to %llu",
                  static_cast<unsigned long long>(given.capacity), static_cast<unsigned long long>(kMostCapacity));
    }
    if (context->observer == nullptr) context->observer = std::make_unique<Observer>(context->plugin->profiler);
    if (context->observer->tracing()) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_trace_start: a trace is on already; pcd_trace_stop ends it");
    }
    return context->observer->start(given.capacity == 0 ? kDefaultCapacity : given.capacity,
                                    (given.flags & PCD_TRACE_FLAG_DEVICE) != 0, message);
  });
}

int32_t pcd_trace_stop(pcd_context* context) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::cleanup, [&](std::string& message) -> int32_t {
    Observer* const observer = context->observer.get();
    if (observer == nullptr || !observer->tracing()) return PCD_OK;
    int32_t status = PCD_OK;
    if (observer->device() && !context->lost) {
      for (pcd_stream* stream : context->streams) {
        if (status == PCD_OK && stream->recording == nullptr) {
          status = context->backend->stream_synchronize(stream->native, message);
        }
      }
    }
    std::string later;
    const int32_t stopped = observer->stop(later);
    if (status == PCD_OK && stopped != PCD_OK) message = later;
    return status != PCD_OK ? status : stopped;
  });
}

int32_t pcd_trace_read(pcd_context* context, pcd_trace_event* events, uint64_t capacity, uint64_t* count,
                       uint64_t* dropped) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::cleanup, [&](std::string& message) -> int32_t {
    if (count == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_trace_read: count is NULL");
    *count = 0;
    if (dropped != nullptr) *dropped = 0;
    if (events == nullptr && capacity > 0) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_trace_read: events is NULL, and capacity is %llu",
                  static_cast<unsigned long long>(capacity));
    }
    Observer* const observer = context->observer.get();
    if (observer == nullptr) return PCD_OK;
    *count = observer->read(events, capacity);
    if (dropped != nullptr) *dropped = observer->dropped();
    return PCD_OK;
  });
}
