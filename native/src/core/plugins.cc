// SPDX-License-Identifier: Apache-2.0
//
// Plug-in loading. A plug-in lies beside the file that holds this very code (dladdr), never on a search path: a library
// of the same name elsewhere cannot slip in. RTLD_LOCAL keeps its symbols to itself, RTLD_NOW reports what is missing
// here and not in the middle of a run.
#include "core/plugins.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/text.h"
#include "core/transport.h"
#include "precordia/build_id.h"

namespace pcd {
namespace {

#if defined(__APPLE__)
constexpr const char* kSuffix = ".dylib";
#else
constexpr const char* kSuffix = ".so";
#endif

struct Slot {
  int32_t backend;
  const char* name;   // for people
  const char* stem;   // of the file
  const char* remedy; // when there is no such file
  const Plugin* plugin;
};

Slot slots[] = {
    {PCD_BACKEND_CUDA, "CUDA", "libprecordia_cuda",
     "put nvcc (NVIDIA's CUDA toolkit) on the PATH and build again", nullptr},
    {PCD_BACKEND_SIMT, "SIMT", "libprecordia_simt", "it is built with the native tests (cmake -DPCD_TESTS=ON)", nullptr},
};

std::mutex& loading() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}

// The folder of this library, with its slash; empty when the loader knows no path.
std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  const std::string file = info.dli_fname;
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "./" : file.substr(0, slash + 1);
}

// What a library beside this one exports under the name of its entry.
struct Opened {
  std::string file;
  void* library = nullptr;
  void* entry = nullptr;
};

int32_t open(const char* name, const char* stem, const char* remedy, const char* symbol, Opened* opened,
             std::string& message) {
  opened->file = own_folder() + stem + kSuffix;
  const char* const file = opened->file.c_str();
  if (access(file, F_OK) != 0) {
    return fail(message, PCD_ERROR_NO_PLUGIN, "no %s plug-in: %s: %s; %s", name, file, std::strerror(errno), remedy);
  }
  opened->library = dlopen(file, RTLD_LOCAL | RTLD_NOW);
  if (opened->library == nullptr) {
    const char* const reason = dlerror();
    return fail(message, PCD_ERROR_NO_PLUGIN, "the %s plug-in cannot be loaded: %s", name,
                reason != nullptr ? reason : file);
  }
  opened->entry = dlsym(opened->library, symbol);
  if (opened->entry != nullptr) return PCD_OK;
  dlclose(opened->library);
  return fail(message, PCD_ERROR_NO_PLUGIN,
              "%s is no plug-in of Precordia: it exports no %s; replace it by the one of build %s", file, symbol,
              PCD_BUILD_ID);
}

// Closes what is of another build.
template <typename T>
int32_t check_build(const Opened& opened, const T* plugin, std::string& message) {
  if (plugin != nullptr && plugin->struct_size == sizeof(T) && plugin->build_id != nullptr &&
      std::strcmp(plugin->build_id, PCD_BUILD_ID) == 0) {
    return PCD_OK;
  }
  const std::string theirs = plugin != nullptr && plugin->build_id != nullptr ? plugin->build_id : "another build";
  dlclose(opened.library);
  return fail(message, PCD_ERROR_NO_PLUGIN,
              "%s is of %s, this library of build %s; put both libraries of one build into the folder",
              opened.file.c_str(), theirs.c_str(), PCD_BUILD_ID);
}

int32_t load(Slot& slot, std::string& message) {
  Opened opened;
  int32_t status = open(slot.name, slot.stem, slot.remedy, "pcd_plugin_v1", &opened, message);
  if (status != PCD_OK) return status;
  const Plugin* const plugin = reinterpret_cast<pcd_plugin_v1_fn>(opened.entry)(sizeof(Plugin), PCD_BUILD_ID);
  status = check_build(opened, plugin, message);
  if (status != PCD_OK) return status;
  if (plugin->backend != slot.backend) {
    const int32_t theirs = plugin->backend;
    dlclose(opened.library);
    return fail(message, PCD_ERROR_NO_PLUGIN, "%s says it is backend %d, not %s (%d)", opened.file.c_str(),
                static_cast<int>(theirs), slot.name, static_cast<int>(slot.backend));
  }
  slot.plugin = plugin;
  return PCD_OK;
}

}  // namespace

const char* backend_name(int32_t backend) noexcept {
  if (backend == PCD_BACKEND_CPU) return "CPU";
  for (const Slot& slot : slots) {
    if (slot.backend == backend) return slot.name;
  }
  return nullptr;
}

int32_t find_plugin(int32_t backend, const Plugin** plugin, std::string& message) {
  if (backend == PCD_BACKEND_CPU) {
    *plugin = cpu_plugin();
    return PCD_OK;
  }
  for (Slot& slot : slots) {
    if (slot.backend != backend) continue;
    const std::lock_guard lock(loading());
    if (slot.plugin == nullptr) {
      const int32_t status = load(slot, message);
      if (status != PCD_OK) return status;
    }
    *plugin = slot.plugin;
    return PCD_OK;
  }
  return fail(message, PCD_ERROR_ARGUMENT,
              "backend is %d, expected PCD_BACKEND_CPU (0), PCD_BACKEND_CUDA (1) or PCD_BACKEND_SIMT (2)",
              static_cast<int>(backend));
}

int32_t find_mpi(const TransportPlugin** plugin, std::string& message) {
  static const TransportPlugin* loaded = nullptr;
  const std::lock_guard lock(loading());
  if (loaded == nullptr) {
    Opened opened;
    int32_t status = open("MPI", "libprecordia_mpi", "put an MPI's mpicc on the PATH and build again", "pcd_mpi_v1",
                          &opened, message);
    if (status != PCD_OK) return status;
    const auto* found = reinterpret_cast<pcd_mpi_v1_fn>(opened.entry)(sizeof(TransportPlugin), PCD_BUILD_ID);
    status = check_build(opened, found, message);
    if (status != PCD_OK) return status;
    loaded = found;
  }
  *plugin = loaded;
  return PCD_OK;
}

}  // namespace pcd
