// SPDX-License-Identifier: Apache-2.0
//
// Recordings of several streams on the SIMT executor: what takes part, in which order it runs, and the mistakes that
// CUDA refuses too, each beside its corrected twin.
#include <string>

#include "support/simt.h"

namespace {

using namespace pcd::test;

// Two streams and an event each; what runs adds a letter to the text.
struct Streams {
  cudaStream_t first = nullptr, second = nullptr;
  cudaEvent_t of_first = nullptr, of_second = nullptr;
  std::string text;

  Streams() {
    cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking);
    cudaEventCreate(&of_first);
    cudaEventCreate(&of_second);
  }
  ~Streams() {
    cudaEventDestroy(of_first);
    cudaEventDestroy(of_second);
    cudaStreamDestroy(first);
    cudaStreamDestroy(second);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  struct Letter {
    std::string* text;
    char letter;
  } all[3] = {{&text, 'a'}, {&text, 'b'}, {&text, 'c'}};

  void add(cudaStream_t stream, int letter) {
    cudaLaunchHostFunc(stream, [](void* data) {
      const auto* const own = static_cast<const Letter*>(data);
      own->text->push_back(own->letter);
    }, &all[letter]);
  }

  // What the end of the recording says; empty, and the graph was run once, when it went well.
  std::string end() {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(first, &graph);
    if (error != cudaSuccess) return cudaGetErrorString(error);
    cudaGraphExec_t executable = nullptr;
    cudaGraphInstantiate(&executable, graph, 0);
    cudaGraphDestroy(graph);
    cudaGraphLaunch(executable, first);
    cudaGraphExecDestroy(executable);
    return "";
  }

  void begin() { cudaStreamBeginCapture(first, cudaStreamCaptureModeThreadLocal); }
  void fork() {
    cudaEventRecord(of_first, first);
    cudaStreamWaitEvent(second, of_first, 0);
  }
  void join() {
    cudaEventRecord(of_second, second);
    cudaStreamWaitEvent(first, of_second, 0);
  }
};

std::string failure(cudaError_t error) { return error == cudaSuccess ? "" : cudaGetErrorString(error); }

void a_second_stream_takes_part() {
  Streams s;
  s.begin();
  s.fork();
  s.add(s.second, 0);
  s.add(s.first, 1);
  s.join();
  s.add(s.first, 2);
  expect(s.text.empty(), "a recording runs nothing");
  expect_passes(s.end(), "a stream that was waited for");
  expect(s.text == "abc", "the graph ran " + s.text);
  s.add(s.second, 0);
  expect(s.text == "abca", "after the recording the stream runs at the call again");
}

void faults() {
  {
    Streams s;
    s.begin();
    s.fork();
    s.add(s.second, 0);
    expect_fault(s.end(), "was not waited for", "a stream that nobody waits for");
  }
  {
    Streams s;
    s.begin();
    s.fork();
    s.join();
    s.add(s.second, 0);
    expect_fault(s.end(), "was not waited for", "work after the last wait");
  }
  {
    Streams s;
    cudaEventRecord(s.of_second, s.second);
    s.begin();
    expect_fault(failure(cudaStreamWaitEvent(s.first, s.of_second, 0)), "from outside", "an event from outside");
    expect_passes(s.end(), "the recording");
  }
  {
    Streams s;
    s.begin();
    cudaStreamBeginCapture(s.second, cudaStreamCaptureModeThreadLocal);
    cudaEventRecord(s.of_second, s.second);
    expect_fault(failure(cudaStreamWaitEvent(s.first, s.of_second, 0)), "another recording", "two recordings");
    expect_passes(s.end(), "the recording");
  }
  {
    Streams s;
    s.begin();
    s.fork();
    cudaGraph_t graph = nullptr;
    expect_fault(failure(cudaStreamEndCapture(s.second, &graph)), "not recording", "an end by the second stream");
    s.join();
    expect_passes(s.end(), "the recording");
  }
}

}  // namespace

int main() {
  a_second_stream_takes_part();
  faults();
  return verdict();
}
