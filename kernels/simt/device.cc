// SPDX-License-Identifier: Apache-2.0
//
// The emulated devices: which architecture, how much memory, and their errors. There are two, which differ in
// nothing but the order in which threads take turns, so that a test can hold the results of one against the
// other's.
#include "simt/device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>

#include "simt/warp.h"

namespace pcd::simt {
namespace {

constexpr size_t kMemory = size_t{4} << 30;
constexpr int kDevices = 2;
constexpr int kMultiprocessors = 3;  // few, so that persistent blocks take many turns

struct LastError {
  cudaError_t last = cudaSuccess;
  cudaError_t told = cudaSuccess;  // what `sentence` is about
  std::string sentence;
};
thread_local LastError errors;
thread_local int current = 0;

Settings choose(const char* architecture, const char* order) {
  Settings s;
  if (architecture == nullptr || *architecture == 0) architecture = "90a";
  if (std::strcmp(architecture, "75") == 0) {
    s.architecture = 75, s.architecture_name = "sm_75", s.shared_bytes_optin = 64 * 1024;
  } else if (std::strcmp(architecture, "80") == 0) {
    s.architecture = 80, s.architecture_name = "sm_80", s.shared_bytes_optin = 163 * 1024;
  } else if (std::strcmp(architecture, "90a") != 0) {
    s.mistake = std::string("PCD_SIMT_ARCH=") + architecture + ": 75, 80 or 90a";
  }
  if (!parse_order(order, &s.orders[0])) {
    s.mistake = std::string("PCD_SIMT_ORDER=") + order + ": forward, reverse or a number";
  }
  s.orders[1].kind = s.orders[0].kind == Order::reverse ? Order::forward : Order::reverse;
  return s;
}

Settings& chosen() {
  static Settings all = choose(std::getenv("PCD_SIMT_ARCH"), std::getenv("PCD_SIMT_ORDER"));
  return all;
}

struct Memory {
  std::mutex mutex;
  std::unordered_map<void*, size_t> blocks;
  size_t used = 0;
};
Memory& memory() {
  static Memory* all = new Memory;  // blocks may be freed after static objects have gone
  return *all;
}

cudaError_t allocate(void** data, size_t bytes, bool device) {
  Memory& all = memory();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const size_t rounded = (bytes + 255) / 256 * 256;
  void* block = nullptr;
  if (rounded < bytes || (device && rounded > kMemory - all.used)) {
    return failed(cudaErrorMemoryAllocation);
  }
#if defined(__SANITIZE_ADDRESS__)
  block = std::aligned_alloc(256, bytes);  // accesses past the end are found to the byte
#else
  block = std::aligned_alloc(256, rounded);
#endif
  if (block == nullptr) return failed(cudaErrorMemoryAllocation);
  all.blocks[block] = device ? rounded : 0;
  if (device) all.used += rounded;
  *data = block;
  return cudaSuccess;
}

cudaError_t release(void* data) {
  if (data == nullptr) return cudaSuccess;
  Memory& all = memory();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.blocks.find(data);
  if (found == all.blocks.end()) {
    return failed(cudaErrorInvalidValue, "release of memory that was not allocated");
  }
  all.used -= found->second;
  all.blocks.erase(found);
  std::free(data);
  return cudaSuccess;
}

}  // namespace

cudaError_t failed(cudaError_t error, std::string sentence) {
  errors.last = errors.told = error;
  errors.sentence = std::move(sentence);
  return error;
}

const Settings& settings() { return chosen(); }
void use_settings(const char* architecture, const char* order) { chosen() = choose(architecture, order); }

int current_device() { return current; }

int architecture() { return settings().architecture; }

void require(int minimum, const char* instruction) {
  if (settings().architecture >= minimum) return;
  fault("%s needs sm_%s, this is %s", instruction, minimum == 90 ? "90a" : "80", settings().architecture_name);
}

}  // namespace pcd::simt

using pcd::simt::allocate;
using pcd::simt::errors;
using pcd::simt::failed;

cudaError_t cudaGetLastError() {
  const cudaError_t last = errors.last;
  errors.last = cudaSuccess;
  return last;
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration: return "cudaErrorInvalidConfiguration";
    case cudaErrorInsufficientDriver: return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice: return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice: return "cudaErrorInvalidDevice";
    case cudaErrorNoKernelImageForDevice: return "cudaErrorNoKernelImageForDevice";
    case cudaErrorNotReady: return "cudaErrorNotReady";
  }
  return "unknown error";
}

const char* cudaGetErrorString(cudaError_t error) {
  return errors.told == error && !errors.sentence.empty() ? errors.sentence.c_str() : cudaGetErrorName(error);
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = pcd::simt::kDevices;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= pcd::simt::kDevices) return failed(cudaErrorInvalidDevice);
  const pcd::simt::Settings& s = pcd::simt::settings();
  if (!s.mistake.empty()) return failed(cudaErrorInvalidValue, s.mistake);
  *properties = cudaDeviceProp{};
  std::snprintf(properties->name, sizeof properties->name, "SIMT executor (%s, %s)", s.architecture_name,
                order_name(s.orders[device]));
  properties->totalGlobalMem = pcd::simt::kMemory;
  properties->sharedMemPerBlockOptin = s.shared_bytes_optin;
  properties->major = s.architecture / 10;
  properties->minor = s.architecture % 10;
  properties->multiProcessorCount = pcd::simt::kMultiprocessors;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= pcd::simt::kDevices) return failed(cudaErrorInvalidDevice);
  pcd::simt::current = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = pcd::simt::current;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = 0;  // there is none
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** data, size_t bytes) { return allocate(data, bytes, true); }
cudaError_t cudaMallocHost(void** data, size_t bytes) { return allocate(data, bytes, false); }
cudaError_t cudaFree(void* data) { return pcd::simt::release(data); }
cudaError_t cudaFreeHost(void* data) { return pcd::simt::release(data); }

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  pcd::simt::Memory& all = pcd::simt::memory();
  const std::lock_guard<std::mutex> lock(all.mutex);
  *total = pcd::simt::kMemory;
  *free = pcd::simt::kMemory - all.used;
  return cudaSuccess;
}
