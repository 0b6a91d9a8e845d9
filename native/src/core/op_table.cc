// SPDX-License-Identifier: Apache-2.0
//
// Names of ops, and which belongs to which.
#include "core/op_table.h"

namespace pcd {

const char* op_name(OpId op) noexcept {
  switch (op) {
#define PCD_NAME(op, descriptor) \
  case OpId::op: return #op;
    PCD_OP_TABLE(PCD_NAME)
#undef PCD_NAME
    case OpId::count: break;
  }
  return "unknown op";
}

OpId forward_of(OpId op) noexcept {
  switch (op) {
    case OpId::stem_backward: return OpId::stem_forward;
    case OpId::dilated_stack_backward: return OpId::dilated_stack_forward;
    case OpId::pool_project_backward: return OpId::pool_project_forward;
    case OpId::film_backward: return OpId::film_forward;
    case OpId::head_backward: return OpId::head_forward;
    case OpId::supcon_backward: return OpId::supcon_forward;
    case OpId::classifier_backward: return OpId::classifier_forward;
    case OpId::convolution_backward: return OpId::convolution_forward;
    case OpId::lstm_backward: return OpId::lstm_forward;
    default: return op;
  }
}

}  // namespace pcd
