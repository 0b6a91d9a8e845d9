// SPDX-License-Identifier: Apache-2.0
//
// Ranges that NVIDIA's profilers show beside the kernels: one an op and one a graph launch, in the domain "precordia".
// Off unless the environment says PCD_NVTX=1 when the plug-in is first used; then a range costs a test of one flag, and
// nothing of NVTX is loaded. Without the toolkit's headers (nvtx3, headers alone) ranges are left out.
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

// From its construction to the end of its scope.
class Range {
 public:
  explicit Range(const char* name) : domain_(nvtx_domain()) {
    if (domain_ == nullptr) return;
    nvtxEventAttributes_t attributes{};
    attributes.version = NVTX_VERSION;
    attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
    attributes.message.ascii = name;
    nvtxDomainRangePushEx(domain_, &attributes);
  }
  ~Range() {
    if (domain_ != nullptr) nvtxDomainRangePop(domain_);
  }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;

 private:
  nvtxDomainHandle_t const domain_;
};

#else

struct Range {
  explicit Range(const char*) {}
};

#endif

}  // namespace pcd::cuda

#endif
