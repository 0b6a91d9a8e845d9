// SPDX-License-Identifier: Apache-2.0
#include "async_copy.h"

#include <cstring>
#include <vector>

#include "granules.h"
#include "number_formats.h"
#include "shared.h"
#include "warp.h"

namespace pcd::simt {
namespace {

struct Copy {
  const void* source;
  uint32_t target, bytes, group;
};
struct Copies {
  std::vector<Copy> under_way;
  uint32_t committed = 0;  // groups; also the number of the group that is open
};
Copies copies[kMaxThreads];

void begin_block() {
  for (Copies& own : copies) {
    own.under_way.clear();
    own.committed = 0;
  }
}

void end_block() {
  for (uint32_t thread = 0; thread < threads_of_block(); ++thread) {
    if (copies[thread].under_way.empty()) continue;
    const Copy& copy = copies[thread].under_way.front();
    fault(
        "thread %u has exited with %zu cp.async that it never waited for (the first one's target is shared "
        "address %u%s)",
        thread, copies[thread].under_way.size(), copy.target,
        copy.group == copies[thread].committed ? ", never committed" : "");
  }
}

const struct Registration {
  Registration() { at_block(begin_block, end_block); }
} registration;

}  // namespace

void async_copy(uint32_t target, const void* source, int bytes) {
  require(80, "cp.async");
  void* const to = shared_pointer(target, 16, 16, "cp.async");
  if (bytes < 0 || bytes > 16) fault("cp.async of %d bytes: 0 to 16 are possible", bytes);
  if (reinterpret_cast<uintptr_t>(source) % 16 != 0) {
    fault("cp.async from %p, which is not a multiple of 16", source);
  }
  const uint32_t poison[4] = {kPoison, kPoison, kPoison, kPoison};
  std::memcpy(to, poison, sizeof poison);
  Copies& own = copies[thread_in_block()];
  own.under_way.push_back({source, target, static_cast<uint32_t>(bytes), own.committed});
}

void async_copy_commit() {
  require(80, "cp.async.commit_group");
  ++copies[thread_in_block()].committed;
}

void async_copy_wait(uint32_t groups) {
  require(80, "cp.async.wait_group");
  Copies& own = copies[thread_in_block()];
  const bool wgmma = architecture() >= 90;
  size_t done = 0;
  for (; done < own.under_way.size(); ++done) {
    const Copy& copy = own.under_way[done];
    if (copy.group + groups >= own.committed) break;
    unsigned char bytes[16] = {};
    std::memcpy(bytes, copy.source, copy.bytes);
    std::memcpy(shared_pointer(copy.target, 16, 16, "cp.async"), bytes, sizeof bytes);
    if (wgmma) granule_copied(copy.target);
  }
  own.under_way.erase(own.under_way.begin(), own.under_way.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace pcd::simt
