// SPDX-License-Identifier: Apache-2.0
//
// Streams, events and graphs. A stream has nothing under way between calls; a graph is the list of what was put
// into a recording stream, arguments copied.
#include <chrono>
#include <cstring>
#include <functional>
#include <vector>

#include "simt/device.h"
#include "simt/launch.h"

namespace pcd::simt {

using Work = std::function<cudaError_t(Stream*)>;  // of the stream in which it is done

struct Graph {
  std::vector<Work> nodes;
};

struct Stream {
  int device = current_device();
  Graph* recording = nullptr;
};

struct Event {
  std::chrono::steady_clock::time_point time;
};

namespace {

cudaError_t put(Stream* stream, Work work) {
  if (stream == nullptr || stream->recording == nullptr) return work(stream);
  stream->recording->nodes.push_back(std::move(work));
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
  if (stream != nullptr) delete stream->recording;
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return pcd::simt::not_while_recording(stream); }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return pcd::simt::not_while_recording(stream); }
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new pcd::simt::Event;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return put(stream, [event](auto*) {
    event->time = std::chrono::steady_clock::now();
    return cudaSuccess;
  });
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
  stream->recording = new pcd::simt::Graph;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (stream->recording == nullptr) {
    return failed(cudaErrorInvalidValue, "the stream is not recording a graph");
  }
  *graph = stream->recording;
  stream->recording = nullptr;
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
