// SPDX-License-Identifier: Apache-2.0
//
// The CUDA backend's ranges, without a GPU: this program takes the profiler's place. Off by default, and then NVTX is
// not even initialised; with PCD_NVTX=1 the ranges nest in the domain "precordia". Skipped without NVTX's headers.
#include "cuda/nvtx.h"

#if PCD_HAVE_NVTX

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/expect.h"

namespace {

using pcd::test::expect;

std::string heard;
int initialised = 0;

nvtxDomainHandle_t create_domain(const char* name) {
  heard += "domain " + std::string(name) + "\n";
  return reinterpret_cast<nvtxDomainHandle_t>(&heard);
}

int push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t* attributes) {
  expect(domain == reinterpret_cast<nvtxDomainHandle_t>(&heard), "a range is pushed in another domain");
  heard += "push " + std::string(attributes->message.ascii) + "\n";
  return 0;
}

int pop(nvtxDomainHandle_t) {
  heard += "pop\n";
  return 0;
}

template <typename Function>
void listen(NvtxFunctionTable table, int callback, Function* function) {
  *table[callback] = reinterpret_cast<NvtxFunctionPointer>(function);
}

// What a profiler's library exports.
int profiler(NvtxGetExportTableFunc_t tables) {
  ++initialised;
  const auto* callbacks = static_cast<const NvtxExportTableCallbacks*>(tables(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable table = nullptr;
  unsigned size = 0;
  if (callbacks == nullptr || callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &table, &size) != 1) return 0;
  listen(table, NVTX_CBID_CORE2_DomainCreateA, create_domain);
  listen(table, NVTX_CBID_CORE2_DomainRangePushEx, push);
  listen(table, NVTX_CBID_CORE2_DomainRangePop, pop);
  return 1;
}

// As the core's observer does for a graph with one op.
void work() {
  if (!pcd::cuda::nvtx_wanted()) return;
  pcd::cuda::nvtx_push("graph");
  pcd::cuda::nvtx_push("stem_forward");
  pcd::cuda::nvtx_pop();
  pcd::cuda::nvtx_pop();
}

// A process decides once whether ranges are on, so each answer has its own.
template <typename Body>
void in_a_process(const Body& body) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    InitializeInjectionNvtx2_fnptr = profiler;
    body();
    std::fflush(stdout);
    _exit(pcd::test::failures() == 0 ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  expect(status == 0, "a child process ended with status " + std::to_string(status));
}

}  // namespace

int main() {
  unsetenv("NVTX_INJECTION64_PATH");
  for (const char* value : {"", "0", "yes"}) {
    in_a_process([&] {
      unsetenv("PCD_NVTX");
      if (*value != 0) setenv("PCD_NVTX", value, 1);
      work();
      expect(initialised == 0, "NVTX is initialised although PCD_NVTX is \"" + std::string(value) + "\"");
    });
  }
  in_a_process([] {
    setenv("PCD_NVTX", "1", 1);
    work();
    expect(heard == "domain precordia\npush graph\npush stem_forward\npop\npop\n", "the profiler heard:\n" + heard);
  });
  in_a_process([] {
    InitializeInjectionNvtx2_fnptr = nullptr;  // asked for, and no profiler there
    setenv("PCD_NVTX", "1", 1);
    work();
    expect(heard.empty(), "nobody listens, yet there is " + heard);
  });
  return pcd::test::verdict();
}

#else

int main() { return 77; }

#endif
