// SPDX-License-Identifier: Apache-2.0
//
// multiply_add: rounds are shared out over the threads.
#include "cpu/multiply_chains.h"
#include "cpu/ops.h"
#include "cpu/pool.h"

namespace pcd::cpu::PCD_ISA {
namespace {

// Turns of all chains in a round: some microseconds.
constexpr int64_t kTurns = 4096;

}  // namespace

int32_t multiply_add(Pool& pool, const pcd_multiply_add_desc& d) {
  const bool pairs = d.dtype == PCD_DTYPE_BF16;
  pool.run(d.rounds, [&](int64_t) { pairs ? multiply_pairs(kTurns) : multiply_floats(kTurns); });
  const int64_t operations = pairs ? kPairOperations : kFloatOperations;
  *data<double>(d.operations) = static_cast<double>(d.rounds) * static_cast<double>(kTurns * kChains * operations);
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
