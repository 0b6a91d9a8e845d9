// SPDX-License-Identifier: Apache-2.0
//
// The caching pool of a context, and the buffers made from it.
//
// A freed block waits in the list of its stream, where the next request of that stream takes it: stream order makes
// that safe without waiting. A block of another stream is taken only when the device or the limit has no room left,
// and only behind an event recorded on that stream; on a backend that executes at the call every block is free for all.
// Blocks are multiples of 256 bytes, never split; one that is a quarter larger than asked for is still taken.
#ifndef PCD_CORE_MEMORY_POOL_H
#define PCD_CORE_MEMORY_POOL_H

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/backend.h"
#include "core/buffer.h"

namespace pcd {

class MemoryPool {
 public:
  // limit 0: the device's memory is the only limit.
  MemoryPool(pcd_context* context, Backend* backend, uint64_t limit);
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  int32_t create(pcd_stream* stream, uint64_t bytes, int32_t memory, pcd_buffer** buffer, std::string& message);
  int32_t wrap(void* data, uint64_t bytes, pcd_buffer** buffer, std::string& message);

  // Drops one reference. Safe from any thread: others' code may hold an export.
  void drop(pcd_buffer* buffer) noexcept;

  // The stream is done and goes away: its blocks and buffers become everyone's.
  void forget(pcd_stream* stream) noexcept;

  // Gives cached blocks back to the system and sets the peak to what is in use.
  void trim() noexcept;

  void query(pcd_memory_info* info) const;
  uint64_t live_buffers() const;

 private:
  using Blocks = std::multimap<uint64_t, void*>;
  using Key = std::pair<int32_t, pcd_stream*>;  // kind of memory; stream, null for everyone's

  bool take_from(Blocks& blocks, uint64_t bytes, void** data, uint64_t* block_bytes);
  bool take(pcd_stream* stream, uint64_t bytes, int32_t memory, bool all_streams, void** data, uint64_t* block_bytes);
  bool take_behind_event(pcd_stream* stream, uint64_t bytes, int32_t memory, void** data, uint64_t* block_bytes);
  int32_t allocate(uint64_t bytes, int32_t memory, void** data, std::string& message);
  void release_cached() noexcept;

  pcd_context* const context_;
  Backend* const backend_;
  const uint64_t limit_;
  mutable std::mutex mutex_;
  std::map<Key, Blocks> cache_;
  std::unordered_set<pcd_buffer*> buffers_;
  uint64_t in_use_ = 0;
  uint64_t cached_ = 0;
  uint64_t peak_ = 0;
};

}  // namespace pcd

#endif
