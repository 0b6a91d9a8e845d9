// SPDX-License-Identifier: Apache-2.0
//
// What a trace says of an op beside its name: the view that names its size, and the work of its matrix products.
#ifndef PCD_CORE_OP_FACTS_H
#define PCD_CORE_OP_FACTS_H

#include "core/backend.h"

namespace pcd {

struct OpFacts {
  const pcd_tensor* view = nullptr;  // inside the descriptor; null: the op has no size of its own
  double operations = 0;             // floating-point, two a multiply-add; what is done between the products is left out
};

// `desc` is complete and validated. Backward counts the products of both gradients, without what is computed again.
OpFacts op_facts(OpId op, const void* desc) noexcept;

}  // namespace pcd

#endif
