// SPDX-License-Identifier: Apache-2.0
//
// Small kernels on the SIMT executor, for tests of the executor itself: a launch, and the sentence of its
// fault. Memory of the host is the kernels' global memory.
#ifndef PCD_TESTS_SUPPORT_SIMT_H
#define PCD_TESTS_SUPPORT_SIMT_H

#include <cstdint>
#include <string>

#include "common/mma_half.cuh"
#include "simt/device.h"
#include "support/expect.h"

namespace pcd::test {

// Faults' sentence; empty when the launch went well. Dynamic shared memory may be as large as the device
// allows.
template <typename... Parameters, typename... Arguments>
std::string launch(void (*kernel)(Parameters...), unsigned grid, unsigned threads, unsigned shared_bytes,
                   Arguments... arguments) {
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes));
  cudaGetLastError();
  PCD_LAUNCH(kernel, grid, threads, shared_bytes, nullptr, arguments...);
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? "" : cudaGetErrorString(error);
}

inline void expect_passes(const std::string& sentence, const std::string& what) {
  expect(sentence.empty(), what + " should pass, but: " + sentence);
}

// The sentence must name the fault in these words.
inline void expect_fault(const std::string& sentence, const std::string& words, const std::string& what) {
  if (sentence.find(words) != std::string::npos) {
    std::printf("%s: %s\n", what.c_str(), sentence.c_str());
    return;
  }
  fail(what + " should give a fault with \"" + words +
       "\", but: " + (sentence.empty() ? "it passed" : sentence));
}

// Runs `test` under each order in which threads may take turns.
template <typename Test>
void in_every_order(const char* architecture, Test test) {
  for (const char* order : {"reverse", "1", "2", "3", "forward"}) {
    simt::use_settings(architecture, order);
    test();
  }
}

}  // namespace pcd::test

#endif
