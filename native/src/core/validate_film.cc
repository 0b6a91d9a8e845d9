// SPDX-License-Identifier: Apache-2.0
//
// film.
#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_film_desc& d) {
  Extent batch{"B"}, time{"L"}, channels{"C"};
  ElementType activation{type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16)};
  check.flags(d.flags, PCD_FLAG_INFERENCE | PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT);
  check.activation("input", d.input, activation, batch, time, channels, Use::read);
  check.activation("output", d.output, activation, batch, time, channels, check.in_forward(Use::write));
  check.activation("output_grad", d.output_grad, activation, batch, time, channels, check.in_backward(Use::read));
  check.activation("input_grad", d.input_grad, activation, batch, time, channels, check.in_backward(Use::write));
  if ((d.flags & PCD_FLAG_INFERENCE) != 0) check.may_alias("output", "input");
  check.may_alias("input_grad", "output_grad");
  check.at_most(channels, kMaxChannels);
  check.tensor("h", d.h, PCD_DTYPE_F32, {&batch, &channels}, Use::read);
  check.tensor("h_grad", d.h_grad, PCD_DTYPE_F32, {&batch, &channels}, check.in_backward(Use::update), Need::optional);
  const ParameterCount parameters = parameter_count(PCD_OP_FILM, channels.value, 0, 0);
  Extent count{parameters.formula, parameters.count};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.packed(d.packed, PCD_OP_FILM, activation.dtype(), channels, 0, 0);
  check.saved(d.saved, &d, d.flags);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
