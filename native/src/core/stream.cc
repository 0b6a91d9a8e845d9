// SPDX-License-Identifier: Apache-2.0
//
// Streams and events.
#include <algorithm>
#include <memory>

#include "core/handles.h"

using namespace pcd;

int32_t pcd_stream_create(pcd_context* context, pcd_stream** stream) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    if (stream == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_stream_create: stream is NULL");
    *stream = nullptr;
    auto made = std::make_unique<pcd_stream>();
    made->context = context;
    context->streams.reserve(context->streams.size() + 1);
    handle_add(made.get(), Handle::stream);
    const int32_t status = context->backend->stream_create(&made->native, message);
    if (status != PCD_OK) {
      handle_remove(made.get());
      return status;
    }
    made->number = ++context->last_stream;
    context->streams.push_back(made.get());
    *stream = made.release();
    return PCD_OK;
  });
}

int32_t pcd_stream_destroy(pcd_stream* stream) {
  if (stream == nullptr) return PCD_OK;
  return enter_with(stream, Door::cleanup, [&](std::string& message) -> int32_t {
    const int32_t recording = check_not_recording(stream, "pcd_stream_destroy", message);
    if (recording != PCD_OK) return recording;
    pcd_context* const context = stream->context;
    // Waits, so that its memory may go to any other stream. A fault found here is told, and the stream is gone anyway.
    const int32_t status = context->lost ? PCD_OK : context->backend->stream_synchronize(stream->native, message);
    context->pool->forget(stream);
    context->backend->stream_destroy(stream->native);
    auto& streams = context->streams;
    streams.erase(std::find(streams.begin(), streams.end(), stream));
    handle_remove(stream);
    delete stream;
    return status;
  });
}

int32_t pcd_stream_synchronize(pcd_stream* stream) {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    const int32_t status = check_not_recording(stream, "pcd_stream_synchronize", message);
    if (status != PCD_OK) return status;
    const Observed observed(stream->context->observer.get(), stream->number, {PCD_TRACE_WAIT, "stream_synchronize"});
    const int32_t ended = stream->context->backend->stream_synchronize(stream->native, message);
    return check_aborted(stream->context, ended, message);
  });
}

int32_t pcd_stream_status(pcd_stream* stream) {
  return enter_with(stream, Door::work, [&](std::string& message) {
    return check_aborted(stream->context, stream->context->backend->stream_status(stream->native, message), message);
  });
}

void* pcd_stream_native_handle(pcd_stream* stream) {
  return live(stream) ? stream->context->backend->stream_native_handle(stream->native) : nullptr;
}

int32_t pcd_event_create(pcd_context* context, pcd_event** event) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    if (event == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_event_create: event is NULL");
    *event = nullptr;
    auto made = std::make_unique<pcd_event>();
    made->context = context;
    handle_add(made.get(), Handle::event);
    const int32_t status = context->backend->event_create(&made->native, message);
    if (status != PCD_OK) {
      handle_remove(made.get());
      return status;
    }
    ++context->events;
    *event = made.release();
    return PCD_OK;
  });
}

int32_t pcd_event_destroy(pcd_event* event) {
  if (event == nullptr) return PCD_OK;
  return enter_with(event, Door::cleanup, [&](std::string&) {
    pcd_context* const context = event->context;
    context->backend->event_destroy(event->native);
    handle_remove(event);
    delete event;
    --context->events;
    return PCD_OK;
  });
}

int32_t pcd_event_record(pcd_event* event, pcd_stream* stream) {
  return enter_with(event, Door::work, [&](std::string& message) -> int32_t {
    int32_t status = check_sibling(stream, event->context, "stream", message);
    if (status == PCD_OK) status = check_not_recording(stream, "pcd_event_record", message);
    return status != PCD_OK ? status
                            : event->context->backend->event_record(event->native, stream->native, message);
  });
}

int32_t pcd_event_wait(pcd_event* event, pcd_stream* stream) {
  return enter_with(event, Door::work, [&](std::string& message) -> int32_t {
    int32_t status = check_sibling(stream, event->context, "stream", message);
    if (status == PCD_OK) status = check_not_recording(stream, "pcd_event_wait", message);
    return status != PCD_OK ? status : event->context->backend->event_wait(event->native, stream->native, message);
  });
}

int32_t pcd_event_synchronize(pcd_event* event) {
  return enter_with(event, Door::work, [&](std::string& message) {
    const Observed observed(event->context->observer.get(), 0, {PCD_TRACE_WAIT, "event_synchronize"});
    return check_aborted(event->context, event->context->backend->event_synchronize(event->native, message), message);
  });
}

int32_t pcd_event_elapsed(pcd_event* begin, pcd_event* end, double* milliseconds) {
  return enter_with(begin, Door::work, [&](std::string& message) -> int32_t {
    if (milliseconds == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_event_elapsed: milliseconds is NULL");
    const int32_t status = check_sibling(end, begin->context, "event", message);
    return status != PCD_OK
               ? status
               : begin->context->backend->event_elapsed(begin->native, end->native, milliseconds, message);
  });
}
