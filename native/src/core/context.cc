// SPDX-License-Identifier: Apache-2.0
//
// Contexts after their creation, and their memory: destruction, text, accounting, buffers.
#include <cstring>

#include "core/handles.h"
#include "core/sized_struct.h"

using namespace pcd;

int32_t pcd_context_destroy(pcd_context* context) {
  if (context == nullptr) return PCD_OK;
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  const int32_t status = enter(context, Door::cleanup, [&](std::string& message) -> int32_t {
    const auto buffers = static_cast<long long>(context->pool->live_buffers());
    const auto streams = static_cast<long long>(context->streams.size());
    const auto events = static_cast<long long>(context->events);
    const auto graphs = static_cast<long long>(context->graphs);
    const auto communicators = static_cast<long long>(context->communicators);
    if (buffers + streams + events + graphs + communicators == 0) {
      handle_remove(context);  // from here on no other call gets in
      return PCD_OK;
    }
    return fail(message, PCD_ERROR_ARGUMENT,
                "pcd_context_destroy: still alive: %lld buffers (graphs and DLPack exports hold some), %lld streams, "
                "%lld events, %lld graphs, %lld communicators; destroy them first",
                buffers, streams, events, graphs, communicators);
  });
  if (status != PCD_OK) return status;
  context->observer.reset();
  context->pool.reset();
  context->plugin->destroy(context->backend);
  delete context;
  return PCD_OK;
}

const char* pcd_context_message(const pcd_context* context) {
  if (!live(context)) return "the context is NULL or was destroyed";
  if (context->busy.load(std::memory_order_acquire)) return "another thread is inside a call on this context";
  return context->message.c_str();
}

int32_t pcd_memory_query(pcd_context* context, pcd_memory_info* info) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::cleanup, [&](std::string& message) {
    pcd_memory_info filled;
    std::memset(&filled, 0, sizeof(filled));
    context->pool->query(&filled);
    return write_struct(filled, info, "pcd_memory_query", message);
  });
}

int32_t pcd_memory_trim(pcd_context* context) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string&) {
    context->pool->trim();
    return PCD_OK;
  });
}

int32_t pcd_buffer_create(pcd_stream* stream, uint64_t bytes, int32_t memory, pcd_buffer** buffer) {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    if (buffer == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_create: buffer is NULL");
    *buffer = nullptr;
    const int32_t status = check_not_recording(stream, "pcd_buffer_create", message);
    if (status != PCD_OK) return status;
    return stream->context->pool->create(stream, bytes, memory, buffer, message);
  });
}

int32_t pcd_buffer_wrap(pcd_context* context, void* data, uint64_t bytes, pcd_buffer** buffer) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    if (buffer == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_buffer_wrap: buffer is NULL");
    *buffer = nullptr;
    return context->pool->wrap(data, bytes, buffer, message);
  });
}

int32_t pcd_buffer_destroy(pcd_buffer* buffer) {
  if (buffer == nullptr) return PCD_OK;
  return enter_with(buffer, Door::cleanup, [&](std::string&) {
    handle_remove(buffer);
    drop_reference(buffer);
    return PCD_OK;
  });
}

uint64_t pcd_buffer_size(const pcd_buffer* buffer) { return live(buffer) ? buffer->bytes : 0; }

void* pcd_buffer_data(const pcd_buffer* buffer) { return live(buffer) ? buffer->data : nullptr; }
