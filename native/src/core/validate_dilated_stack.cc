// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack.
#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_dilated_stack_desc& d) {
  Extent batch{"B"}, time{"L"}, channels{"C"};
  ElementType activation{type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16)};
  check.flags(d.flags, PCD_FLAG_INFERENCE | PCD_FLAG_ACCUMULATE);
  check.range("blocks", d.blocks, 1, PCD_MAX_BLOCKS);
  for (int32_t i = 0; i < d.blocks && check.ok(); ++i) {
    check.require(d.dilations[i] >= 1, PCD_ERROR_ARGUMENT, "dilations[%d] is %d, expected at least 1",
                  static_cast<int>(i), static_cast<int>(d.dilations[i]));
  }
  check.activation("input", d.input, activation, batch, time, channels, Use::read);
  check.activation("output", d.output, activation, batch, time, channels, check.in_forward(Use::write));
  check.activation("output_grad", d.output_grad, activation, batch, time, channels, check.in_backward(Use::update));
  check.activation("input_grad", d.input_grad, activation, batch, time, channels, check.in_backward(Use::write));
  check.may_alias("input_grad", "output_grad");
  check.at_most(channels, kMaxChannels);
  const ParameterCount parameters = parameter_count(PCD_OP_DILATED_STACK, channels.value, 0, d.blocks);
  Extent count{parameters.formula, parameters.count};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.packed(d.packed, PCD_OP_DILATED_STACK, activation.dtype(), channels, 0, d.blocks);
  check.saved(d.saved, &d, d.flags);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
