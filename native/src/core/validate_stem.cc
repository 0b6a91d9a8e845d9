// SPDX-License-Identifier: Apache-2.0
//
// stem.
#include <algorithm>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_stem_desc& d) {
  Extent batch{"B"}, time{"L"}, leads{"n"}, channels{"C"};
  ElementType activation{type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16)};
  check.flags(d.flags, PCD_FLAG_ACCUMULATE);
  check.tensor("input", d.input, PCD_DTYPE_F32, {&batch, &time, &leads}, Use::read);
  check.at_most(leads, PCD_MAX_LEADS);
  check.activation("output", d.output, activation, batch, time, channels, check.in_forward(Use::write));
  check.activation("output_grad", d.output_grad, activation, batch, time, channels, check.in_backward(Use::read));
  if (!channels.known() && check.length(d.parameters) > 0) {
    channels.value = std::max<int64_t>(1, check.length(d.parameters) / (7 * leads.value + 1));
  }
  check.at_most(channels, kMaxChannels);
  const ParameterCount parameters = parameter_count(PCD_OP_STEM, channels.value, leads.value, 0);
  Extent count{parameters.formula, parameters.count};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.packed(d.packed, PCD_OP_STEM, activation.dtype(), channels, leads.value, 0);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
