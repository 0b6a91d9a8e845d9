// SPDX-License-Identifier: Apache-2.0
//
// What a launch may ask for, and the loop over its blocks. PCD_SIMT_LOG names a file to which each process adds
// the kernels that it ran, one a line.
#include "simt/launch.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <unordered_map>

#include "simt/device.h"
#include "simt/thread.h"
#include "simt/warp.h"

namespace pcd::simt {
namespace {

constexpr size_t kDefaultShared = 48 * 1024;  // without cudaFuncSetAttribute

std::mutex one_launch;  // there is one block, one shared memory

struct Limits {
  std::mutex mutex;
  std::unordered_map<const void*, size_t> bytes;
} limits;

size_t dynamic_limit(const void* kernel) {
  const std::lock_guard<std::mutex> lock(limits.mutex);
  const auto found = limits.bytes.find(kernel);
  return found == limits.bytes.end() ? kDefaultShared : std::max(kDefaultShared, found->second);
}

std::string describe(const dim3& size) {
  return "(" + std::to_string(size.x) + ", " + std::to_string(size.y) + ", " + std::to_string(size.z) + ")";
}

void log_kernel(const void* kernel) {
  static const char* const path = std::getenv("PCD_SIMT_LOG");
  static std::set<const void*> known;
  if (path == nullptr || !known.insert(kernel).second) return;
  if (std::FILE* file = std::fopen(path, "a")) {
    std::fprintf(file, "%s\n", kernel_name(kernel).c_str());
    std::fclose(file);
  }
}

}  // namespace

cudaError_t check_launch(const Launch& launch, std::string* error_text) {
  const dim3 &grid = launch.grid, &block = launch.block;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > kMaxThreads || block.x > 1024 || block.y > 1024 || block.z > 64) {
    *error_text =
        kernel_name(launch.kernel) + ": blocks of " + describe(block) + " threads; 1 to 1024 are possible";
    return cudaErrorInvalidConfiguration;
  }
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffffu || grid.y > 65535 ||
      grid.z > 65535) {
    *error_text = kernel_name(launch.kernel) + ": a grid of " + describe(grid) + " blocks";
    return cudaErrorInvalidConfiguration;
  }
  if (const size_t limit = dynamic_limit(launch.kernel); launch.shared_bytes > limit) {
    *error_text = kernel_name(launch.kernel) + ": " + std::to_string(launch.shared_bytes) +
                  " bytes of dynamic shared memory; cudaFuncSetAttribute has allowed " + std::to_string(limit);
    return cudaErrorInvalidValue;
  }
  return cudaSuccess;
}

cudaError_t run_grid(const Launch& launch, const Order& order, std::string* error_text) {
  const std::lock_guard<std::mutex> lock(one_launch);
  log_kernel(launch.kernel);
  block_size = {launch.block.x, launch.block.y, launch.block.z};
  grid_size = {launch.grid.x, launch.grid.y, launch.grid.z};
  const uint64_t blocks = uint64_t{grid_size.x} * grid_size.y * grid_size.z;
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint64_t at = order.kind == Order::reverse ? blocks - 1 - i : i;
    block_index = {static_cast<unsigned>(at % grid_size.x),
                   static_cast<unsigned>(at / grid_size.x % grid_size.y),
                   static_cast<unsigned>(at / grid_size.x / grid_size.y)};
    set_dynamic_shared(launch.shared_bytes);
    if (!run_block(launch.thread, order, error_text)) {
      *error_text += ", kernel " + kernel_name(launch.kernel);
      return cudaErrorInvalidValue;
    }
  }
  return cudaSuccess;
}

}  // namespace pcd::simt

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute, int value) {
  const size_t most = pcd::simt::settings().shared_bytes_optin;
  if (value < 0 || static_cast<size_t>(value) > most) {
    return pcd::simt::failed(cudaErrorInvalidValue,
                             pcd::simt::kernel_name(kernel) + ": " + std::to_string(value) +
                                 " bytes of dynamic shared memory; a block has " + std::to_string(most));
  }
  const std::lock_guard<std::mutex> lock(pcd::simt::limits.mutex);
  pcd::simt::limits.bytes[kernel] = static_cast<size_t>(value);
  return cudaSuccess;
}
