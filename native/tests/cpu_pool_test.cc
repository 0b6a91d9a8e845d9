// SPDX-License-Identifier: Apache-2.0
//
// The CPU backend's thread pool: every chunk runs exactly once and before run returns, no two chunks share a
// worker at one time, and thousands of rounds of any size follow each other, with more threads than
// processors too.
#include "cpu/pool.h"

#include <atomic>
#include <string>
#include <vector>

#include "support/expect.h"

namespace {

using pcd::cpu::Pool;
using namespace pcd::test;

void test_rounds(int threads, int rounds) {
  Pool pool(threads);
  const std::string name = std::to_string(threads) + " threads";
  expect(pool.threads() == threads, name + ": the pool has another number");
  std::vector<int> runs;
  std::vector<std::atomic<int>> busy(static_cast<size_t>(threads));
  std::atomic<int> clashes{0};
  for (int round = 0; round < rounds; ++round) {
    const int64_t chunks = round % 17 == 0 ? 0 : round % 5 == 0 ? 257 : round % 41;
    runs.assign(static_cast<size_t>(chunks), 0);  // plain memory: the pool orders it
    pool.run(chunks, [&](int64_t chunk, int worker) {
      if (worker < 0 || worker >= threads || busy[static_cast<size_t>(worker)].fetch_add(1) != 0) ++clashes;
      ++runs[static_cast<size_t>(chunk)];
      busy[static_cast<size_t>(worker)].fetch_sub(1);
    });
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      if (runs[static_cast<size_t>(chunk)] == 1) continue;
      fail(name + ", round " + std::to_string(round) + ": chunk " + std::to_string(chunk) + " ran " +
           std::to_string(runs[static_cast<size_t>(chunk)]) + " times");
      return;
    }
  }
  expect(clashes == 0, name + ": two chunks ran at one time with the same worker");
}

// One worker alone walks through its chunks in order.
void test_order() {
  Pool pool(1);
  int64_t next = 0;
  bool ordered = true;
  pool.run(100, [&](int64_t chunk) { ordered = ordered && chunk == next++; });
  expect(ordered && next == 100, "one thread: chunks out of order");
}

}  // namespace

int main() {
  test_order();
  for (const int threads : {1, 2, 3, 8}) test_rounds(threads, 3000);
  return verdict();
}
