// SPDX-License-Identifier: Apache-2.0
//
// The table through which the CPU backend calls the ops of the instruction set it runs with. One table an
// instruction set; the ops themselves are declared in cpu/ops.h.
#ifndef PCD_CPU_OP_H
#define PCD_CPU_OP_H

#include <cstdint>

#include "core/backend.h"
#include "cpu/pool.h"

namespace pcd::cpu {

struct OpTable {
  using Run = int32_t (*)(Pool& pool, const void* desc);
  using Size = uint64_t (*)(const Pool& pool, const void* desc);

  static constexpr int count = static_cast<int>(OpId::count);
  Run run[count];
  Size workspace[count];  // null: the op needs none
  Size saved[count];      // null: the op keeps nothing
  uint64_t (*pack_size)(const pcd_pack_entry& entry);
};

// Defined where the build compiles that instruction set (cpu/table.cc).
namespace avx512vnni {
const OpTable& op_table();
}
namespace avx512 {
const OpTable& op_table();
}
namespace avx2 {
const OpTable& op_table();
}
namespace baseline {
const OpTable& op_table();
}

}  // namespace pcd::cpu

#endif
