// SPDX-License-Identifier: Apache-2.0
//
// Finds NCCL's library and its functions.
#include "cuda/nccl_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <vector>

#include "precordia/precordia.h"

namespace pcd::cuda::nccl {
namespace {

constexpr const char* kRemedy =
    "; install NCCL 2.14 or newer (libnccl2), or put its folder into LD_LIBRARY_PATH or its path into PRECORDIA_NCCL";

std::vector<std::string> candidates() {
  const char* const named = std::getenv("PRECORDIA_NCCL");
  if (named != nullptr && *named != 0) return {named};
#ifdef PCD_DEVICE_BACKEND  // the executor's streams are none of CUDA's
  return {};
#else
  return {"libnccl.so.2", "libnccl.so"};
#endif
}

int32_t open_first(void** opened, std::string* file, std::string& message) {
  std::string reasons;
  for (const std::string& name : candidates()) {
    *opened = dlopen(name.c_str(), RTLD_LOCAL | RTLD_NOW);
    *file = name;
    if (*opened != nullptr) return PCD_OK;
    const char* const why = dlerror();
    reasons += (reasons.empty() ? "" : "; ") + std::string(why != nullptr ? why : name);
  }
  message = reasons.empty() ? "the SIMT executor has no NCCL; PRECORDIA_NCCL names the tests' stand-in"
                            : "NCCL cannot be loaded: " + reasons + kRemedy;
  return PCD_ERROR_NO_PLUGIN;
}

template <typename Function>
bool find(void* opened, const char* name, Function* function, const std::string& file, std::string& message) {
  if (!message.empty()) return false;
  *function = reinterpret_cast<Function>(dlsym(opened, name));
  if (*function == nullptr) message = file + " has no " + name + ": it is no NCCL, or one older than 2.14" + kRemedy;
  return *function != nullptr;
}

int32_t load(Library* library, std::string& message) {
  void* opened = nullptr;
  const int32_t status = open_first(&opened, &library->file, message);
  if (status != PCD_OK) return status;
  const std::string& file = library->file;
  message.clear();
  // The version first: an old library lacks functions, and its age says more than their names.
  if (find(opened, "ncclGetVersion", &library->GetVersion, file, message)) {
    library->version = 0;
    if (library->GetVersion(&library->version) != kSuccess || library->version < kOldestVersion) {
      message = file + " is NCCL " + version_text(library->version) + ", too old" + kRemedy;
    }
  }
#define PCD_FIND(name) find(opened, "nccl" #name, &library->name, file, message)
  PCD_FIND(GetUniqueId);
  PCD_FIND(CommInitRankConfig);
  PCD_FIND(CommFinalize);
  PCD_FIND(CommDestroy);
  PCD_FIND(CommAbort);
  PCD_FIND(CommGetAsyncError);
  PCD_FIND(GetErrorString);
  PCD_FIND(GetLastError);
  PCD_FIND(AllReduce);
  PCD_FIND(Broadcast);
  PCD_FIND(AllGather);
  PCD_FIND(ReduceScatter);
#undef PCD_FIND
  if (message.empty()) return PCD_OK;  // and never closed: NCCL keeps threads
  dlclose(opened);
  return PCD_ERROR_NO_PLUGIN;
}

}  // namespace

std::string version_text(int version) {
  // Until 2.8 a version was 2708; since then 20803.
  const int major = version < 10000 ? version / 1000 : version / 10000;
  const int minor = version < 10000 ? version % 1000 / 100 : version % 10000 / 100;
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(version % 100);
}

int32_t open_library(const Library** library, std::string& message) {
  static std::mutex mutex;
  static Library found;
  static bool opened = false;
  const std::lock_guard lock(mutex);
  if (!opened) {
    const int32_t status = load(&found, message);
    if (status != PCD_OK) return status;
    opened = true;
  }
  *library = &found;
  return PCD_OK;
}

}  // namespace pcd::cuda::nccl
