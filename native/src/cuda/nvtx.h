// SPDX-License-Identifier: Apache-2.0
//
// Ranges that NVIDIA's profilers show beside the kernels, in the domain "precordia": what the core's observer
// (core/observer.h) opens for each call. Off unless the environment says PCD_NVTX=1 when the plug-in is first used;
// nothing of NVTX is loaded then. Without the toolkit's headers (nvtx3, headers alone) ranges are left out.
#ifndef PCD_CUDA_NVTX_H
#define PCD_CUDA_NVTX_H

#include <cstdlib>
#include <cstring>

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#define PCD_HAVE_NVTX 1
#else
#define PCD_HAVE_NVTX 0
#endif

namespace pcd::cuda {

#if PCD_HAVE_NVTX

// The domain, or null while ranges are off.
inline nvtxDomainHandle_t nvtx_domain() {
  static const nvtxDomainHandle_t domain = [] {
    const char* const wanted = std::getenv("PCD_NVTX");
    return wanted != nullptr && std::strcmp(wanted, "1") == 0 ? nvtxDomainCreateA("precordia") : nullptr;
  }();
  return domain;
}

// Whether a profiler listens; push and pop may be called only then.
inline bool nvtx_wanted() { return nvtx_domain() != nullptr; }

inline void nvtx_push(const char* name) {
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
  attributes.message.ascii = name;
  nvtxDomainRangePushEx(nvtx_domain(), &attributes);
}

inline void nvtx_pop() { nvtxDomainRangePop(nvtx_domain()); }

#else

inline bool nvtx_wanted() { return false; }
inline void nvtx_push(const char*) {}
inline void nvtx_pop() {}

#endif

}  // namespace pcd::cuda

#endif
