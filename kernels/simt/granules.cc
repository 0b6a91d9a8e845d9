// SPDX-License-Identifier: Apache-2.0
//
// A mark for each granule of the window, and for each thread a list of those that it marked.
#include "granules.h"

#include <cstring>
#include <vector>

#include "warp.h"

namespace pcd::simt {
namespace {

constexpr uint32_t kWindow = 256 * 1024;  // bytes that a wgmma descriptor reaches
uint16_t marks[kWindow / kGranule];       // thread + 1 that has yet to fence
std::vector<uint32_t> marked[kMaxThreads];
uint32_t open = 0;  // marks that are set

void begin_block() {
  if (open == 0) return;
  std::memset(marks, 0, sizeof marks);
  for (auto& list : marked) list.clear();
  open = 0;
}

void clear(uint32_t granule) {
  if (marks[granule] != 0) --open;
  marks[granule] = 0;
}

const struct Registration {
  Registration() {
    at_block(begin_block, [] {});
  }
} registration;

}  // namespace

void granule_copied(uint32_t address) {
  const uint32_t granule = address / kGranule, thread = thread_in_block();
  if (granule >= kWindow / kGranule || marks[granule] == thread + 1) return;
  if (marks[granule] == 0) ++open;
  marks[granule] = static_cast<uint16_t>(thread + 1);
  marked[thread].push_back(granule);
}

void granules_fenced() {
  const uint32_t thread = thread_in_block();
  for (const uint32_t granule : marked[thread]) {
    if (marks[granule] == thread + 1) clear(granule);
  }
  marked[thread].clear();
}

void granules_replaced(uint32_t address, uint32_t bytes) {
  if (open == 0) return;
  for (uint32_t at = address; at < address + bytes && at < kWindow; at += kGranule) clear(at / kGranule);
}

void granules_need_no_fence(uint32_t address, uint32_t bytes, const char* reader) {
  if (open == 0) return;
  for (uint32_t at = address; at < address + bytes && at < kWindow; at += kGranule) {
    if (marks[at / kGranule] == 0) continue;
    fault("%s reads shared address %u, which thread %d has copied without fence_shared_for_wgmma afterwards",
          reader, at, marks[at / kGranule] - 1);
  }
}

}  // namespace pcd::simt
