// SPDX-License-Identifier: Apache-2.0
//
// The table of live handles, shared by all contexts: read by every call, written when handles come and go.
#include "core/handles.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace pcd {
namespace {

struct Table {
  std::shared_mutex mutex;
  std::unordered_map<const void*, Handle> handles;
};

// Never destroyed: a program may still close handles while its statics are torn down.
Table& table() {
  static Table* const instance = new Table;
  return *instance;
}

}  // namespace

void handle_add(const void* handle, Handle kind) {
  Table& t = table();
  const std::unique_lock lock(t.mutex);
  t.handles[handle] = kind;
}

void handle_remove(const void* handle) noexcept {
  Table& t = table();
  const std::unique_lock lock(t.mutex);
  t.handles.erase(handle);
}

bool handle_live(const void* handle, Handle kind) noexcept {
  Table& t = table();
  const std::shared_lock lock(t.mutex);
  const auto found = t.handles.find(handle);
  return found != t.handles.end() && found->second == kind;
}

}  // namespace pcd
