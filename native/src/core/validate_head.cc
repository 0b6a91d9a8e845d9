// SPDX-License-Identifier: Apache-2.0
//
// head.
#include <algorithm>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_head_desc& d) {
  Extent batch{"B"}, time{"L"}, leads{"n"}, targets{"T"}, channels{"C"};
  ElementType activation{type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16)};
  check.flags(d.flags, PCD_FLAG_INFERENCE | PCD_FLAG_ACCUMULATE);
  check.activation("input", d.input, activation, batch, time, channels, Use::read);
  check.activation("input_grad", d.input_grad, activation, batch, time, channels, check.in_backward(Use::write));
  check.at_most(channels, kMaxChannels);
  check.tensor("output", d.output, PCD_DTYPE_F32, {&batch, &time, &targets}, check.in_forward(Use::write));
  check.tensor("output_grad", d.output_grad, PCD_DTYPE_F32, {&batch, &time, &targets}, check.in_backward(Use::read));
  if (!targets.known() && check.length(d.parameters) > 0) {
    const int64_t rest = check.length(d.parameters) - parameter_count(PCD_OP_HEAD, channels.value, 0, 0).count;
    targets.value = std::max<int64_t>(1, rest / (channels.value + 1));
  }
  check.at_most(targets, PCD_MAX_LEADS);
  const ParameterCount parameters = parameter_count(PCD_OP_HEAD, channels.value, targets.value, 0);
  Extent count{parameters.formula, targets.known() ? parameters.count : 0};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));

  // The anchor is frozen: nothing of it is needed on the way back.
  const bool anchored = check.described(d.anchor) && !check.backward();
  check.tensor("signal", d.signal, PCD_DTYPE_F32, {&batch, &time, &leads}, check.in_forward(Use::read),
               anchored && !check.sizing() ? Need::required : Need::optional);
  check.at_most(leads, PCD_MAX_LEADS);
  Extent anchor{"T·n + T", leads.known() && targets.known() ? targets.value * leads.value + targets.value : 0};
  check.tensor("anchor", d.anchor, PCD_DTYPE_F32, {&anchor}, check.in_forward(Use::read), Need::optional);
  check.complete();
  check.packed(d.packed, PCD_OP_HEAD, activation.dtype(), channels, targets.value, 0);
  check.saved(d.saved, &d, d.flags);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
