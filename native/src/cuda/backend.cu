// SPDX-License-Identifier: Apache-2.0
//
// The CUDA backend: memory, streams, events, captured graphs and dispatch to the ops; and the plug-in's one symbol.
#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "core/backend.h"
#include "core/op_table.h"
#if PCD_HAVE_CUPTI
#include "cuda/activity.h"
#endif
#include "cuda/nvtx.h"
#include "cuda/ops.h"
#include "cuda/queue.h"
#if __has_include("precordia/build_id.h")
#include "precordia/build_id.h"
#else  // compiled by itself, outside CMake: fits no library
#define PCD_BUILD_ID "none"
#endif

// The same file makes the SIMT executor's plug-in (kernels/simt).
#ifndef PCD_DEVICE_BACKEND
#define PCD_DEVICE_BACKEND PCD_BACKEND_CUDA
#endif

namespace pcd::cuda {

int32_t report(cudaError_t error, const char* what, std::string& message) {
  if (error == cudaSuccess) return PCD_OK;
  message = std::string(what) + ": " + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) + ")";
  switch (error) {
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice: return PCD_ERROR_NO_DEVICE;
    case cudaErrorInsufficientDriver: return PCD_ERROR_DRIVER_TOO_OLD;
    case cudaErrorNoKernelImageForDevice:
      message += "; this build holds no code for this GPU: build with -DPCD_CUDA_ARCHITECTURES=native or fat";
      return PCD_ERROR_NO_KERNEL_IMAGE;
    case cudaErrorMemoryAllocation: return PCD_ERROR_OUT_OF_MEMORY;
    case cudaErrorInvalidValue:
    case cudaErrorInvalidConfiguration: return PCD_ERROR_INTERNAL;
    default: return PCD_ERROR_DEVICE_LOST;
  }
}

namespace {

// Without a driver the runtime answers 35 (insufficient driver) or 100 (no device); both mean "no GPU to use here".
int32_t count_devices(int32_t* count, std::string& message) {
  *count = 0;
  const cudaError_t error = cudaGetDeviceCount(count);
  if (error == cudaSuccess && *count > 0) return PCD_OK;
  cudaGetLastError();
  int driver = 0;
  cudaDriverGetVersion(&driver);
  if (driver == 0) {
    message = "no NVIDIA driver is installed (libcuda.so.1 was not found); install the driver of your GPU, "
              "or use --backend cpu";
    return PCD_ERROR_NO_DEVICE;
  }
  if (error == cudaErrorInsufficientDriver) {
    char text[200];
    std::snprintf(text, sizeof text,
                  "the NVIDIA driver supports CUDA %d.%d, this plug-in needs %d.%d: install a newer driver",
                  driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
    message = text;
    return PCD_ERROR_DRIVER_TOO_OLD;
  }
  message = "the NVIDIA driver is installed but shows no GPU (is CUDA_VISIBLE_DEVICES set?)";
  return PCD_ERROR_NO_DEVICE;
}

int32_t query_device(int32_t index, pcd_device_info* info, std::string& message) {
  int32_t count = 0;
  const int32_t status = count_devices(&count, message);
  if (status != PCD_OK) return status;
  if (index < 0 || index >= count) {
    message = "there is no CUDA device " + std::to_string(index) + "; devices: 0 to " + std::to_string(count - 1);
    return PCD_ERROR_NO_DEVICE;
  }
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, index);
  if (error != cudaSuccess) return report(error, "device properties", message);
  info->backend = PCD_DEVICE_BACKEND;
  info->index = index;
  info->compute_units = properties.multiProcessorCount;
  info->capability = 10 * properties.major + properties.minor;
  int driver = 0;
  cudaDriverGetVersion(&driver);
  info->driver_version = driver;
  info->memory_bytes = properties.totalGlobalMem;
  std::snprintf(info->name, sizeof info->name, "%.127s", properties.name);
  std::snprintf(info->instruction_set, sizeof info->instruction_set, "sm_%d", info->capability);
  return PCD_OK;
}

template <typename Desc>
const Desc& as(const void* desc) {
  return *static_cast<const Desc*>(desc);
}

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(int device) : device_(device) {}

  int32_t open(std::string& message) {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    return report(cudaGetDeviceProperties(&properties_, device_), "device properties", message);
  }

  int32_t allocate(uint64_t bytes, int32_t memory, void** data, std::string& message) override {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    const cudaError_t error =
        memory == PCD_MEMORY_HOST ? cudaMallocHost(data, bytes) : cudaMalloc(data, bytes);
    if (error == cudaErrorMemoryAllocation) cudaGetLastError();  // the context goes on
    return report(error, memory == PCD_MEMORY_HOST ? "pinned memory" : "device memory", message);
  }

  void release(void* data, int32_t memory) noexcept override {
    std::string ignored;
    if (enter(ignored) != PCD_OK) return;
    memory == PCD_MEMORY_HOST ? cudaFreeHost(data) : cudaFree(data);
  }

  uint64_t memory_bytes() const override { return properties_.totalGlobalMem; }
  uint64_t free_bytes() const override {
    size_t free = 0, total = 0;
    const bool known = cudaSetDevice(device_) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess;
    return known ? free : 0;
  }

  int32_t stream_create(void** stream, std::string& message) override {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    return report(cudaStreamCreateWithFlags(reinterpret_cast<cudaStream_t*>(stream), cudaStreamNonBlocking),
                  "stream", message);
  }
  void stream_destroy(void* stream) noexcept override { cudaStreamDestroy(static_cast<cudaStream_t>(stream)); }
  int32_t stream_synchronize(void* stream, std::string& message) override {
    return report(cudaStreamSynchronize(static_cast<cudaStream_t>(stream)), "stream", message);
  }
  int32_t stream_status(void* stream, std::string& message) override {
    const cudaError_t error = cudaStreamQuery(static_cast<cudaStream_t>(stream));
    return error == cudaErrorNotReady ? PCD_OK : report(error, "stream", message);
  }
  void* stream_native_handle(void* stream) override { return stream; }

  int32_t event_create(void** event, std::string& message) override {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    return report(cudaEventCreate(reinterpret_cast<cudaEvent_t*>(event)), "event", message);
  }
  void event_destroy(void* event) noexcept override { cudaEventDestroy(static_cast<cudaEvent_t>(event)); }
  int32_t event_record(void* event, void* stream, std::string& message) override {
    return report(cudaEventRecord(static_cast<cudaEvent_t>(event), static_cast<cudaStream_t>(stream)), "event record",
                  message);
  }
  int32_t event_wait(void* event, void* stream, std::string& message) override {
    return report(cudaStreamWaitEvent(static_cast<cudaStream_t>(stream), static_cast<cudaEvent_t>(event), 0),
                  "event wait", message);
  }
  int32_t event_synchronize(void* event, std::string& message) override {
    return report(cudaEventSynchronize(static_cast<cudaEvent_t>(event)), "event", message);
  }
  int32_t event_elapsed(void* begin, void* end, double* milliseconds, std::string& message) override {
    float elapsed = 0;
    const cudaError_t error =
        cudaEventElapsedTime(&elapsed, static_cast<cudaEvent_t>(begin), static_cast<cudaEvent_t>(end));
    *milliseconds = elapsed;
    return report(error, "elapsed time", message);
  }

  // The copy is waited for: from pinned memory it would otherwise still be under way at return.
  int32_t upload(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) override {
    return transfer(stream, source, target, bytes, cudaMemcpyHostToDevice, "upload", message);
  }
  int32_t download(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) override {
    return transfer(stream, source, target, bytes, cudaMemcpyDeviceToHost, "download", message);
  }

  bool captures_graphs() const override { return true; }
  int32_t capture_begin(void* stream, std::string& message) override {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    return report(cudaStreamBeginCapture(static_cast<cudaStream_t>(stream), cudaStreamCaptureModeThreadLocal),
                  "graph capture", message);
  }
  int32_t capture_end(void* stream, void** graph, std::string& message) override {
    cudaGraph_t captured = nullptr;
    cudaError_t error = cudaStreamEndCapture(static_cast<cudaStream_t>(stream), &captured);
    if (error != cudaSuccess) return report(error, "graph capture", message);
    error = cudaGraphInstantiate(reinterpret_cast<cudaGraphExec_t*>(graph), captured, 0);
    cudaGraphDestroy(captured);
    return report(error, "graph instantiation", message);
  }
  int32_t graph_launch(void* graph, void* stream, std::string& message) override {
    return report(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), static_cast<cudaStream_t>(stream)),
                  "graph launch", message);
  }
  void graph_destroy(void* graph) noexcept override { cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)); }

  int32_t workspace_size(OpId op, const void* desc, uint64_t* bytes, std::string& message) override {
    *bytes = 0;
    if (is_cpu_op(op)) return refuse(message);
#define PCD_CASE(name, first, last)                                                                         \
  if (op == OpId::first || op == OpId::last) *bytes = name##_workspace(properties_, as<pcd_##name##_desc>(desc));
    PCD_MODEL_WORKSPACE_TABLE(PCD_CASE)
#undef PCD_CASE
    return PCD_OK;
  }

  int32_t saved_size(OpId op, const void* desc, uint64_t* bytes, std::string& message) override {
    if (is_cpu_op(op)) return refuse(message);
    switch (op) {
#define PCD_CASE(name, forward)                                    \
  case OpId::forward:                                              \
    *bytes = name##_saved(properties_, as<pcd_##name##_desc>(desc)); \
    return PCD_OK;
      PCD_MODEL_SAVED_TABLE(PCD_CASE)
#undef PCD_CASE
      default: *bytes = 0; return PCD_OK;
    }
  }

  int32_t pack_size(const pcd_pack_entry& entry, uint64_t* bytes, std::string&) override {
    *bytes = cuda::pack_size(properties_, entry);
    return PCD_OK;
  }

  int32_t run(void* stream, OpId op, const void* desc, std::string& message) override {
    if (is_cpu_op(op)) return refuse(message);
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    const Queue queue{static_cast<cudaStream_t>(stream), properties_, message};
    switch (op) {
#define PCD_CASE(name, descriptor)                                 \
  case OpId::name: return cuda::name(queue, as<pcd_##descriptor##_desc>(desc));
      PCD_MODEL_OP_TABLE(PCD_CASE)
#undef PCD_CASE
      default: message = "an op this plug-in does not know"; return PCD_ERROR_INTERNAL;
    }
  }

 private:
  static int32_t refuse(std::string& message) {
    message = kCpuOpMessage;
    return PCD_ERROR_UNSUPPORTED;
  }

  // The current device belongs to the calling thread, which may be another one than at the last call.
  int32_t enter(std::string& message) { return report(cudaSetDevice(device_), "device", message); }

  int32_t transfer(void* stream, const void* source, void* target, uint64_t bytes, cudaMemcpyKind kind,
                   const char* what, std::string& message) {
    if (const int32_t status = enter(message); status != PCD_OK) return status;
    cudaError_t error = cudaMemcpyAsync(target, source, bytes, kind, static_cast<cudaStream_t>(stream));
    if (error == cudaSuccess) error = cudaStreamSynchronize(static_cast<cudaStream_t>(stream));
    return report(error, what, message);
  }

  int device_;
  cudaDeviceProp properties_{};
};

int32_t create(const pcd_context_desc* desc, Backend** backend, std::string& message) {
  pcd_device_info info{};
  const int32_t status = query_device(desc->device, &info, message);
  if (status != PCD_OK) return status;
  CudaBackend* created = new (std::nothrow) CudaBackend(desc->device);
  if (created == nullptr) {
    message = "out of host memory";
    return PCD_ERROR_OUT_OF_MEMORY;
  }
  const int32_t opened = created->open(message);
  if (opened != PCD_OK) {
    delete created;
    return opened;
  }
  *backend = created;
  return PCD_OK;
}

void destroy(Backend* backend) { delete backend; }

#if !PCD_HAVE_CUPTI
int32_t activity_start(std::string& message) {
  message = "this build's plug-in was made without CUPTI's headers (cupti.h of the CUDA toolkit)";
  return PCD_ERROR_UNSUPPORTED;
}
int32_t activity_stop(std::string&) { return PCD_OK; }
uint64_t activity_take(void (*)(void*, const pcd_trace_event&), void*) { return 0; }
#endif

const DeviceProfiler profiler{nvtx_wanted, nvtx_push, nvtx_pop, activity_start, activity_stop, activity_take};

const Plugin plugin{sizeof(Plugin), PCD_DEVICE_BACKEND, PCD_BUILD_ID, count_devices,
                    query_device,   create,             destroy,      &profiler, nullptr};

}  // namespace
}  // namespace pcd::cuda

extern "C" __attribute__((visibility("default"))) const pcd::Plugin* pcd_plugin_v1(uint32_t struct_size,
                                                                                  const char* build_id) {
  const bool fits = struct_size == sizeof(pcd::Plugin) && std::strcmp(build_id, PCD_BUILD_ID) == 0;
  return fits ? &pcd::cuda::plugin : nullptr;
}
