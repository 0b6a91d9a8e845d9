// SPDX-License-Identifier: Apache-2.0
//
// The caching pool.
#include "core/memory_pool.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/handles.h"

namespace pcd {
namespace {

constexpr uint64_t kAlignment = 256;
constexpr uint64_t kLargest = uint64_t{1} << 62;

// Takes a buffer that came to nothing out of the set again.
struct Entry {
  std::unordered_set<pcd_buffer*>& buffers;
  pcd_buffer* owner;
  ~Entry() {
    if (owner != nullptr) buffers.erase(owner);
  }
};

uint64_t round_up(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

MemoryPool::MemoryPool(pcd_context* context, Backend* backend, uint64_t limit)
    : context_(context), backend_(backend), limit_(limit) {}

MemoryPool::~MemoryPool() { release_cached(); }

bool MemoryPool::take_from(Blocks& blocks, uint64_t bytes, void** data, uint64_t* block_bytes) {
  const auto found = blocks.lower_bound(bytes);
  if (found == blocks.end() || found->first - bytes > bytes / 4) return false;
  *block_bytes = found->first;
  *data = found->second;
  cached_ -= found->first;
  blocks.erase(found);
  return true;
}

// From the stream's own list and everyone's; from any list where a call has happened when it returns.
bool MemoryPool::take(pcd_stream* stream, uint64_t bytes, int32_t memory, bool all_streams, void** data,
                      uint64_t* block_bytes) {
  for (auto& [key, blocks] : cache_) {
    if (key.first != memory) continue;
    if (!all_streams && key.second != stream && key.second != nullptr) continue;
    if (take_from(blocks, bytes, data, block_bytes)) return true;
  }
  return false;
}

// An event recorded now is later than the free, so waiting for it is enough.
bool MemoryPool::take_behind_event(pcd_stream* stream, uint64_t bytes, int32_t memory, void** data,
                                   uint64_t* block_bytes) {
  for (auto& [key, blocks] : cache_) {
    pcd_stream* const owner = key.second;
    if (key.first != memory || owner == nullptr || owner == stream || owner->recording != nullptr) continue;
    const auto found = blocks.lower_bound(bytes);
    if (found == blocks.end() || found->first - bytes > bytes / 4) continue;
    std::string ignored;
    void* event = nullptr;
    if (backend_->event_create(&event, ignored) != PCD_OK) return false;
    const bool ordered = backend_->event_record(event, owner->native, ignored) == PCD_OK &&
                         backend_->event_wait(event, stream->native, ignored) == PCD_OK;
    backend_->event_destroy(event);
    if (ordered) return take_from(blocks, bytes, data, block_bytes);
  }
  return false;
}

int32_t MemoryPool::allocate(uint64_t bytes, int32_t memory, void** data, std::string& message) {
  const bool beyond_limit = limit_ != 0 && (bytes > limit_ || in_use_ + cached_ > limit_ - bytes);
  if (!beyond_limit) {
    const int32_t status = backend_->allocate(bytes, memory, data, message);
    if (status != PCD_ERROR_OUT_OF_MEMORY) return status;
  }
  std::string text = "no room for " + amount(bytes) + (memory == PCD_MEMORY_HOST ? " of host memory: " : ": ");
  text += amount(in_use_) + " in use, ";
  if (cached_ > 0) text += amount(cached_) + " kept for reuse, ";
  text += limit_ != 0 ? "memory_limit " + amount(limit_) : "the device has " + amount(backend_->memory_bytes());
  const uint64_t free = backend_->free_bytes();
  if (free > 0) text += ", " + amount(free) + " free on the device";
  if (!beyond_limit) text += " (" + message + ")";
  message = std::move(text);
  return PCD_ERROR_OUT_OF_MEMORY;
}

int32_t MemoryPool::create(pcd_stream* stream, uint64_t bytes, int32_t memory, pcd_buffer** buffer,
                           std::string& message) {
  if (bytes == 0) return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_create: bytes is 0");
  if (bytes > kLargest) {
    return fail(message, PCD_ERROR_OUT_OF_MEMORY, "pcd_buffer_create: %llu bytes are more than any machine has",
                static_cast<unsigned long long>(bytes));
  }
  if (memory != PCD_MEMORY_DEVICE && memory != PCD_MEMORY_HOST) {
    return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_create: memory is %d, expected PCD_MEMORY_DEVICE (0) or "
                "PCD_MEMORY_HOST (1)", static_cast<int>(memory));
  }
  const bool executes_at_call = !backend_->captures_graphs();
  const uint64_t rounded = round_up(bytes);
  auto made = std::make_unique<pcd_buffer>();
  {
    const std::lock_guard lock(mutex_);
    // Entered first: once there is a block, nothing may throw before its owner is known.
    Entry entry{buffers_, made.get()};
    buffers_.insert(made.get());
    void* data = nullptr;
    uint64_t block_bytes = rounded;
    if (!take(stream, rounded, memory, executes_at_call, &data, &block_bytes)) {
      int32_t status = allocate(rounded, memory, &data, message);
      if (status == PCD_ERROR_OUT_OF_MEMORY) {
        if (take_behind_event(stream, rounded, memory, &data, &block_bytes)) {
          status = PCD_OK;
        } else if (cached_ > 0) {
          release_cached();
          status = allocate(rounded, memory, &data, message);
        }
      }
      if (status != PCD_OK) {
        message.insert(0, "pcd_buffer_create: ");
        return status;
      }
      message.clear();
    }
    in_use_ += block_bytes;
    peak_ = std::max(peak_, in_use_);
    made->data = data;
    made->block_bytes = block_bytes;
    entry.owner = nullptr;
  }
  made->bytes = bytes;
  made->memory = memory;
  made->context = context_;
  made->stream = stream;
#ifdef PCD_POISON_MEMORY
  if (executes_at_call) std::memset(made->data, 0xFF, made->block_bytes);
#endif
  try {
    handle_add(made.get(), Handle::buffer);
  } catch (...) {
    drop(made.release());
    throw;
  }
  *buffer = made.release();
  return PCD_OK;
}

int32_t MemoryPool::wrap(void* data, uint64_t bytes, pcd_buffer** buffer, std::string& message) {
  if (data == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_wrap: data is NULL");
  if (bytes == 0 || bytes > kLargest) {
    return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_wrap: bytes is %llu", static_cast<unsigned long long>(bytes));
  }
  auto made = std::make_unique<pcd_buffer>();
  made->data = data;
  made->bytes = bytes;
  made->wrapped = true;
  made->context = context_;
  {
    const std::lock_guard lock(mutex_);
    buffers_.insert(made.get());
  }
  try {
    handle_add(made.get(), Handle::buffer);
  } catch (...) {
    drop(made.release());
    throw;
  }
  *buffer = made.release();
  return PCD_OK;
}

void MemoryPool::drop(pcd_buffer* buffer) noexcept {
  if (buffer->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::lock_guard lock(mutex_);
  buffers_.erase(buffer);
  if (!buffer->wrapped) {
    in_use_ -= buffer->block_bytes;
    try {
      cache_[{buffer->memory, buffer->stream}].emplace(buffer->block_bytes, buffer->data);
      cached_ += buffer->block_bytes;
    } catch (...) {
      backend_->release(buffer->data, buffer->memory);
    }
  }
  delete buffer;
}

void MemoryPool::forget(pcd_stream* stream) noexcept {
  const std::lock_guard lock(mutex_);
  for (pcd_buffer* buffer : buffers_) {
    if (buffer->stream == stream) buffer->stream = nullptr;
  }
  for (const int32_t memory : {PCD_MEMORY_DEVICE, PCD_MEMORY_HOST}) {
    const auto found = cache_.find({memory, stream});
    if (found == cache_.end()) continue;
    try {
      cache_[{memory, nullptr}].merge(found->second);
    } catch (...) {
      for (const auto& [bytes, data] : found->second) {
        cached_ -= bytes;
        backend_->release(data, memory);
      }
    }
    cache_.erase(found);
  }
}

// Work that still reads a cached block was enqueued before it was freed: wait for its stream before it goes.
void MemoryPool::release_cached() noexcept {
  for (auto list = cache_.begin(); list != cache_.end();) {
    const auto [memory, stream] = list->first;
    if (stream != nullptr && !list->second.empty()) {
      if (stream->recording != nullptr) {
        ++list;
        continue;
      }
      std::string ignored;
      backend_->stream_synchronize(stream->native, ignored);
    }
    for (const auto& [bytes, data] : list->second) {
      cached_ -= bytes;
      backend_->release(data, memory);
    }
    list = cache_.erase(list);
  }
}

void MemoryPool::trim() noexcept {
  const std::lock_guard lock(mutex_);
  release_cached();
  peak_ = in_use_;
}

void MemoryPool::query(pcd_memory_info* info) const {
  const std::lock_guard lock(mutex_);
  info->in_use = in_use_;
  info->cached = cached_;
  info->peak = peak_;
  info->limit = limit_ != 0 ? limit_ : backend_->memory_bytes();
  info->buffers = buffers_.size();
}

uint64_t MemoryPool::live_buffers() const {
  const std::lock_guard lock(mutex_);
  return buffers_.size();
}

}  // namespace pcd
