// SPDX-License-Identifier: Apache-2.0
//
// convolution.
#include <algorithm>

#include "core/validate.h"

namespace pcd {
namespace {

constexpr int64_t kMaxTaps = 64;

// Length of what the convolution makes of `longer` samples, 0 or less where no tap fits.
int64_t convolved_length(const pcd_convolution_desc& d, int64_t longer) {
  const int64_t room = longer + 2 * d.padding - d.taps;
  return room < 0 ? 0 : room / d.stride + 1;
}

}  // namespace

void validate(Check& check, pcd_convolution_desc& d) {
  Extent batch{"B"}, time{"L"}, inputs{"I"}, made{"M"}, outputs{"O"};
  ElementType fp32{type_bit(PCD_DTYPE_F32)};
  check.flags(d.flags, PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT);
  check.range("taps", d.taps, 1, kMaxTaps);
  check.range("stride", d.stride, 1, d.taps);
  check.range("padding", d.padding, 0, d.taps - 1);
  check.range("transposed", d.transposed, 0, 1);
  if (!check.ok()) return;
  check.activation("input", d.input, fp32, batch, time, inputs, Use::read);
  check.at_most(inputs, kMaxChannels);
  check.tensor("input_grad", d.input_grad, fp32, {&batch, &time, &inputs}, check.in_backward(Use::update),
               Need::optional, 16);
  if (time.known() && d.transposed == 0) {
    made.value = convolved_length(d, time.value);
    check.require(made.known(), PCD_ERROR_SHAPE, "L is %lld, and %d taps with padding %d need at least %d samples",
                  static_cast<long long>(time.value), static_cast<int>(d.taps), static_cast<int>(d.padding),
                  static_cast<int>(d.taps - 2 * d.padding));
  }
  check.activation("output", d.output, fp32, batch, made, outputs, check.in_forward(Use::write));
  check.activation("output_grad", d.output_grad, fp32, batch, made, outputs, check.in_backward(Use::read));
  check.tensor("addend", d.addend, fp32, {&batch, &made, &outputs}, check.in_forward(Use::read), Need::optional, 16);
  check.may_alias("output", "addend");
  if (d.transposed != 0 && made.known() && time.known()) {
    check.require(convolved_length(d, made.value) == time.value, PCD_ERROR_SHAPE,
                  "output has M=%lld samples, from which %d taps, stride %d and padding %d make %lld, and input has L=%lld",
                  static_cast<long long>(made.value), static_cast<int>(d.taps), static_cast<int>(d.stride),
                  static_cast<int>(d.padding), static_cast<long long>(convolved_length(d, made.value)),
                  static_cast<long long>(time.value));
  }
  if (!outputs.known() && check.length(d.parameters) > 0) {
    outputs.value = std::max<int64_t>(1, check.length(d.parameters) / (inputs.value * d.taps + 1));
  }
  check.at_most(outputs, kMaxChannels);
  Extent count{"O·I·taps + O", outputs.value * inputs.value * d.taps + outputs.value};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
