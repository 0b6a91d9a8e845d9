// SPDX-License-Identifier: Apache-2.0
//
// Enumeration of devices.
#include <cstring>

#include "core/handles.h"
#include "core/plugins.h"
#include "core/sized_struct.h"

namespace pcd {
namespace {

// Runs a query that has no context and hands its sentence to the caller's array.
template <typename Body>
int32_t without_context(char* message, size_t capacity, Body&& body) noexcept {
  std::string text;
  const int32_t status = no_throw(text, [&] { return body(text); });
  copy_text(text, message, capacity);
  return status;
}

int32_t check_index(const Plugin* plugin, int32_t backend, int32_t index, std::string& message) {
  int32_t count = 0;
  const int32_t status = plugin->device_count(&count, message);
  if (status != PCD_OK) return status;
  if (index >= 0 && index < count) return PCD_OK;
  return fail(message, PCD_ERROR_NO_DEVICE, "device is %d; there %s %d %s device%s", static_cast<int>(index),
              count == 1 ? "is" : "are", static_cast<int>(count), backend_name(backend), count == 1 ? " (0)" : "s");
}

int32_t create_context(const pcd_context_desc* given, pcd_context** context, std::string& message) {
  if (context == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_context_create: context is NULL");
  *context = nullptr;
  pcd_context_desc desc;
  int32_t status = read_struct(given, &desc, "pcd_context_create", message);
  if (status != PCD_OK) return status;
  if (std::memchr(desc.instruction_set, '\0', sizeof(desc.instruction_set)) == nullptr) {
    return fail(message, PCD_ERROR_ARGUMENT, "pcd_context_create: instruction_set is not NUL-terminated");
  }
  if (desc.threads < 0 || desc.threads > 65536) {
    return fail(message, PCD_ERROR_ARGUMENT, "pcd_context_create: threads is %d, expected 0 (all) to 65536",
                static_cast<int>(desc.threads));
  }
  const Plugin* plugin = nullptr;
  status = find_plugin(desc.backend, &plugin, message);
  if (status != PCD_OK) return status;
  status = check_index(plugin, desc.backend, desc.device, message);
  if (status != PCD_OK) return status;

  auto made = std::make_unique<pcd_context>();
  made->message.reserve(1024);
  made->plugin = plugin;
  made->backend_kind = desc.backend;
  made->device = desc.device;
  status = plugin->create(&desc, &made->backend, message);
  if (status != PCD_OK) return status;
  try {
    made->pool = std::make_unique<MemoryPool>(made.get(), made->backend, desc.memory_limit);
    made->observer = Observer::of_new_context(plugin->profiler);
    handle_add(made.get(), Handle::context);
  } catch (...) {
    made->pool.reset();
    plugin->destroy(made->backend);
    throw;
  }
  *context = made.release();
  return PCD_OK;
}

}  // namespace
}  // namespace pcd

using namespace pcd;

int32_t pcd_device_count(int32_t backend, int32_t* count, char* message, size_t capacity) {
  return without_context(message, capacity, [&](std::string& text) {
    if (count == nullptr) return fail(text, PCD_ERROR_ARGUMENT, "pcd_device_count: count is NULL");
    *count = 0;
    const Plugin* plugin = nullptr;
    const int32_t status = find_plugin(backend, &plugin, text);
    return status != PCD_OK ? status : plugin->device_count(count, text);
  });
}

int32_t pcd_device_query(int32_t backend, int32_t index, pcd_device_info* info, char* message, size_t capacity) {
  return without_context(message, capacity, [&](std::string& text) {
    const Plugin* plugin = nullptr;
    int32_t status = find_plugin(backend, &plugin, text);
    if (status == PCD_OK) status = check_index(plugin, backend, index, text);
    if (status != PCD_OK) return status;
    pcd_device_info filled;
    std::memset(&filled, 0, sizeof(filled));
    filled.struct_size = sizeof(filled);
    filled.backend = backend;
    filled.index = index;
    status = plugin->device_query(index, &filled, text);
    return status != PCD_OK ? status : write_struct(filled, info, "pcd_device_query", text);
  });
}

int32_t pcd_context_create(const pcd_context_desc* desc, pcd_context** context, char* message, size_t capacity) {
  return without_context(message, capacity, [&](std::string& text) { return create_context(desc, context, text); });
}
