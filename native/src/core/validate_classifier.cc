// SPDX-License-Identifier: Apache-2.0
//
// classifier.
#include <algorithm>
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_classifier_desc& d) {
  Extent batch{"B"}, channels{"C"}, classes{"K"}, words{"W"}, one{"1", 1};
  check.flags(d.flags, PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT);
  check.real("gradient_scale", d.gradient_scale, -INFINITY, INFINITY);
  check.tensor("h", d.h, PCD_DTYPE_F32, {&batch, &channels}, Use::read);
  check.at_most(channels, kMaxChannels);
  check.tensor("logits", d.logits, PCD_DTYPE_F32, {&batch, &classes}, check.backward() ? Use::read : Use::write);
  if (!classes.known() && check.length(d.parameters) > 0) {
    classes.value = std::max<int64_t>(1, check.length(d.parameters) / (channels.value + 1));
  }
  check.at_most(classes, kMaxLabels);
  check.tensor("labels", d.labels, PCD_DTYPE_U64, {&batch, &words}, Use::read,
               check.backward() && !check.sizing() ? Need::required : Need::optional);
  check.at_most(words, PCD_MAX_LABEL_WORDS);
  check.require(!words.known() || classes.value <= 64 * words.value, PCD_ERROR_SHAPE,
                "labels have %lld words of 64 bits, too few for K = %lld", static_cast<long long>(words.value),
                static_cast<long long>(classes.value));
  const ParameterCount parameters = parameter_count(PCD_OP_CLASSIFIER, channels.value, classes.value, 0);
  Extent count{parameters.formula, classes.known() ? parameters.count : 0};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.state(d.state, Use::read, Need::optional);
  check.tensor("loss", d.loss, PCD_DTYPE_F32, {&one}, check.in_forward(Use::write), Need::optional);
  check.require(check.sizing() || check.backward() || !present(d.loss) || present(d.labels), PCD_ERROR_ARGUMENT,
                "loss is asked for, and labels is absent (its buffer is NULL)");
  check.tensor("h_grad", d.h_grad, PCD_DTYPE_F32, {&batch, &channels}, check.in_backward(Use::update), Need::optional);
  check.complete();
  check.packed(d.packed, PCD_OP_CLASSIFIER, PCD_DTYPE_F32, channels, classes.value, 0);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
