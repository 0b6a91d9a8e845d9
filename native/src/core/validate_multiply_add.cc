// SPDX-License-Identifier: Apache-2.0
//
// multiply_add.
#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_multiply_add_desc& d) {
  Extent one{"1", 1};
  check.flags(d.flags, 0);
  check.require(d.dtype == PCD_DTYPE_F32 || d.dtype == PCD_DTYPE_BF16, PCD_ERROR_ARGUMENT,
                "dtype is %d, expected F32 or BF16", static_cast<int>(d.dtype));
  check.range("rounds", d.rounds, 1, INT32_MAX);
  check.tensor("operations", d.operations, PCD_DTYPE_F64, {&one}, Use::write);
  check.complete();
}

}  // namespace pcd
