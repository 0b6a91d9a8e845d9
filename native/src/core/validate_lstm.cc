// SPDX-License-Identifier: Apache-2.0
//
// lstm.
#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_lstm_desc& d) {
  Extent batch{"B"}, time{"L"}, channels{"C"}, outputs{"D·H"};
  ElementType fp32{type_bit(PCD_DTYPE_F32)};
  check.flags(d.flags, PCD_FLAG_INFERENCE | PCD_FLAG_ACCUMULATE);
  check.range("directions", d.directions, 1, 2);
  if (!check.ok()) return;
  check.activation("input", d.input, fp32, batch, time, channels, Use::read);
  check.activation("input_grad", d.input_grad, fp32, batch, time, channels, check.in_backward(Use::write));
  check.activation("output", d.output, fp32, batch, time, outputs, check.backward() ? Use::read : Use::write);
  check.activation("output_grad", d.output_grad, fp32, batch, time, outputs, check.in_backward(Use::read));
  check.at_most(channels, kMaxChannels);
  check.at_most(outputs, kMaxChannels);
  check.require(outputs.value % d.directions == 0, PCD_ERROR_SHAPE,
                "output has D·H=%lld channels, which %d directions do not divide",
                static_cast<long long>(outputs.value), static_cast<int>(d.directions));
  const int64_t hidden = outputs.value / d.directions;
  Extent count{"D·(4H·C + 4H·H + 8H)", d.directions * 4 * hidden * (channels.value + hidden + 2)};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.saved(d.saved, &d, d.flags);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
