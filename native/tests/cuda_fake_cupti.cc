// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for CUPTI's library: the entry points that src/cuda/activity.cc opens, on made-up records. The test lays
// out what a GPU would have done (fake_*) and a flush hands it over in buffers that activity.cc gave, as CUPTI does.
// fake_deliver is CUPTI's own thread, which hands over a buffer when it is full.
#include <cupti.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "precordia/precordia.h"

namespace {

CUpti_BuffersCallbackRequestFunc request = nullptr;
CUpti_BuffersCallbackCompleteFunc complete = nullptr;
CUpti_TimestampCallbackFunc host_clock = nullptr;
std::vector<std::vector<uint8_t>> records;
std::vector<std::string>& names() {
  static std::vector<std::string> kept;
  return kept;
}
std::string calls;
int refuse_kind = 0;
size_t dropped = 0;

size_t size_of(const CUpti_Activity* record) {
  switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_MEMCPY: return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMSET: return sizeof(CUpti_ActivityMemset4);
    default: return sizeof(CUpti_ActivityName);
  }
}

template <typename Record>
void add(const Record& record) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&record);
  records.emplace_back(bytes, bytes + sizeof record);
}

// The GPU's time is `host` nanoseconds after the host's clock was asked.
uint64_t at(uint64_t host) { return host_clock == nullptr ? host : host_clock() + host; }

}  // namespace

extern "C" {

PCD_API const char* fake_calls(void) { return calls.c_str(); }
PCD_API void fake_refuse(int kind) { refuse_kind = kind; }
PCD_API void fake_lose(uint64_t count) { dropped = count; }

PCD_API void fake_kernel(const char* name, uint32_t stream, uint64_t duration) {
  CUpti_ActivityKernel10 record{};
  record.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  names().reserve(1024);  // the records point into it
  names().emplace_back(name);
  record.name = names().back().c_str();
  record.streamId = stream;
  record.start = at(0);
  record.end = record.start + duration;
  add(record);
}

PCD_API void fake_copy(uint8_t kind, uint64_t bytes) {
  CUpti_ActivityMemcpy6 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  record.copyKind = kind;
  record.bytes = bytes;
  record.streamId = 3;
  record.start = at(0);
  record.end = record.start + 1;
  add(record);
}

PCD_API void fake_set(uint64_t bytes) {
  CUpti_ActivityMemset4 record{};
  record.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  record.bytes = bytes;
  record.start = at(0);
  record.end = record.start + 1;
  add(record);
}

// A kernel that CUPTI could not time, and a record of a kind that nobody asked for.
PCD_API void fake_noise(void) {
  CUpti_ActivityKernel10 untimed{};
  untimed.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  add(untimed);
  CUpti_ActivityName other{};
  other.kind = CUPTI_ACTIVITY_KIND_NAME;
  add(other);
}

PCD_API void fake_deliver(void) {
  size_t next = 0;
  do {
    uint8_t* buffer = nullptr;
    size_t size = 0, most = 0, valid = 0;
    request(&buffer, &size, &most);
    if (buffer == nullptr) return;
    while (next < records.size() && valid + records[next].size() <= size) {
      std::memcpy(buffer + valid, records[next].data(), records[next].size());
      valid += records[next++].size();
    }
    complete(nullptr, 0, buffer, size, valid);
  } while (next < records.size());
  records.clear();
}

PCD_API CUptiResult CUPTIAPI cuptiActivityRegisterTimestampCallback(CUpti_TimestampCallbackFunc callback) {
  calls += "clock\n";
  host_clock = callback;
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc requested,
                                                            CUpti_BuffersCallbackCompleteFunc completed) {
  calls += "callbacks\n";
  request = requested;
  complete = completed;
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityEnable(CUpti_ActivityKind kind) {
  if (static_cast<int>(kind) == refuse_kind) return CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  calls += "enable " + std::to_string(kind) + "\n";
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityDisable(CUpti_ActivityKind kind) {
  calls += "disable " + std::to_string(kind) + "\n";
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityFlushAll(uint32_t flag) {
  calls += "flush " + std::to_string(flag) + "\n";
  fake_deliver();
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityGetNextRecord(uint8_t* buffer, size_t valid, CUpti_Activity** record) {
  if (*record == nullptr) {
    if (valid == 0) return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = reinterpret_cast<CUpti_Activity*>(buffer);
    return CUPTI_SUCCESS;
  }
  uint8_t* const next = reinterpret_cast<uint8_t*>(*record) + size_of(*record);
  if (next >= buffer + valid) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t, size_t* count) {
  *count = dropped;
  dropped = 0;
  return CUPTI_SUCCESS;
}

PCD_API CUptiResult CUPTIAPI cuptiGetErrorMessage(CUptiResult, const char** text) {
  *text = "refused by the stand-in";
  return CUPTI_SUCCESS;
}
}
