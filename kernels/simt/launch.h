// SPDX-License-Identifier: Apache-2.0
//
// Launching: PCD_LAUNCH's call here, and the checks and the loop over blocks behind it.
#ifndef PCD_SIMT_LAUNCH_H
#define PCD_SIMT_LAUNCH_H

#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "cuda_runtime.h"
#include "simt/block.h"

namespace pcd::simt {

struct Launch {
  const void* kernel;
  dim3 grid, block;
  size_t shared_bytes;
  std::function<void()> thread;  // the kernel's call, arguments copied
};

// Puts a launch into a stream: carried out at once, or kept in the graph that the stream records.
void enqueue(cudaStream_t stream, Launch launch);

// Whether a device would take the launch; its sentence in `error_text` if not.
cudaError_t check_launch(const Launch& launch, std::string* error_text);

// Runs all blocks, threads in this order; not cudaSuccess after a fault, whose sentence is then in `error_text`.
cudaError_t run_grid(const Launch& launch, const Order& order, std::string* error_text);

// For the blocks that follow.
void set_dynamic_shared(size_t bytes);

// A kernel's name, from the symbols of the library that holds it.
std::string kernel_name(const void* kernel);

template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
            Arguments&&... arguments) {
  std::tuple<Parameters...> copies(std::forward<Arguments>(arguments)...);
  enqueue(stream, {reinterpret_cast<const void*>(kernel), grid, block, shared_bytes,
                   [kernel, copies] { std::apply(kernel, copies); }});
}

}  // namespace pcd::simt

#endif
