// SPDX-License-Identifier: Apache-2.0
//
// Streams, events and graphs. A stream has nothing under way between calls; a graph is the list of what was put
// into a recording stream, arguments copied.
//
// A stream that waits for an event of a recording takes part in it: what is put into it goes to the same list, in the
// order of the calls, which is one of the orders that a GPU might choose. It must be waited for in turn before the
// recording ends.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "simt/device.h"
#include "simt/launch.h"

namespace pcd::simt {

using Work = std::function<cudaError_t(Stream*)>;  // of the stream in which it is done

struct Graph {
  std::vector<Work> nodes;
};

struct Recording {
  Stream* begun_by;
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::vector<Stream*> others{};  // that take part
};

struct Stream {
  int device = current_device();
  std::shared_ptr<Recording> recording;
  // Since it takes part in a recording: how much was put into it, and how much of that somebody has waited for.
  uint64_t put = 0, waited_for = 0;
};

struct Event {
  std::chrono::steady_clock::time_point time;
  bool outside = false;               // recorded, and not in a recording
  std::weak_ptr<Recording> recording;
  Stream* stream = nullptr;           // of the recording
  uint64_t put = 0;                   // into it, this event included
};

namespace {

cudaError_t put(Stream* stream, Work work) {
  if (stream == nullptr || stream->recording == nullptr) return work(stream);
  stream->recording->graph->nodes.push_back(std::move(work));
  ++stream->put;
  return cudaSuccess;
}

cudaError_t wait_while_recording(Stream* stream, const Event* event, const std::shared_ptr<Recording>& recording) {
  if (recording == nullptr) {
    if (!event->outside) return cudaSuccess;
    return failed(cudaErrorInvalidValue, "a stream that records a graph waits for an event from outside");
  }
  if (stream->recording == nullptr) {
    stream->recording = recording;
    stream->put = stream->waited_for = 0;
    recording->others.push_back(stream);
  }
  if (stream->recording != recording) {
    return failed(cudaErrorInvalidValue, "a stream that records a graph waits for an event of another recording");
  }
  event->stream->waited_for = std::max(event->stream->waited_for, event->put);
  return cudaSuccess;
}

cudaError_t not_while_recording(const Stream* stream) {
  return stream != nullptr && stream->recording != nullptr
             ? failed(cudaErrorInvalidValue, "a stream that records a graph cannot be waited for")
             : cudaSuccess;
}

}  // namespace

void enqueue(cudaStream_t stream, Launch launch) {
  std::string error_text;
  if (const cudaError_t error = check_launch(launch, &error_text); error != cudaSuccess) {
    failed(error, error_text);
    return;
  }
  put(stream, [launch = std::move(launch)](const Stream* in) {
    std::string text;
    const cudaError_t error = run_grid(launch, settings().orders[in == nullptr ? 0 : in->device], &text);
    return error == cudaSuccess ? error : failed(error, text);
  });
}

}  // namespace pcd::simt

using pcd::simt::failed;
using pcd::simt::put;

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
  return put(stream, [=](auto*) {
    if (bytes > 0) std::memcpy(target, source, bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  return put(stream, [=](auto*) {
    if (bytes > 0) std::memset(target, value, bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new pcd::simt::Stream;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return pcd::simt::not_while_recording(stream); }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return pcd::simt::not_while_recording(stream); }

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const auto recording = event->recording.lock();
  if (recording == nullptr && (stream == nullptr || stream->recording == nullptr)) return cudaSuccess;
  return pcd::simt::wait_while_recording(stream, event, recording);
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void*), void* data) {
  return put(stream, [=](auto*) {
    function(data);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new pcd::simt::Event;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const cudaError_t error = put(stream, [event](auto*) {
    event->time = std::chrono::steady_clock::now();
    return cudaSuccess;
  });
  event->outside = stream == nullptr || stream->recording == nullptr;
  event->recording.reset();
  if (event->outside) return error;
  event->recording = stream->recording;
  event->stream = stream;
  event->put = stream->put;
  return error;
}

cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream->recording != nullptr) {
    return failed(cudaErrorInvalidValue, "the stream is recording a graph already");
  }
  stream->recording = std::make_shared<pcd::simt::Recording>(pcd::simt::Recording{stream});
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  const auto recording = stream->recording;
  if (recording == nullptr || recording->begun_by != stream) {
    return failed(cudaErrorInvalidValue, "the stream is not recording a graph");
  }
  bool joined = true;
  for (pcd::simt::Stream* other : recording->others) {
    joined = joined && other->waited_for == other->put && other->put > 0;
    other->recording.reset();
  }
  stream->recording.reset();
  if (!joined) {
    return failed(cudaErrorInvalidValue, "another stream took part in the recording and was not waited for at its end");
  }
  *graph = recording->graph.release();
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = new pcd::simt::Graph(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  for (const pcd::simt::Work& node : executable->nodes) {
    if (const cudaError_t error = put(stream, node); error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
