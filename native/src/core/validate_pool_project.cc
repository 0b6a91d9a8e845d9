// SPDX-License-Identifier: Apache-2.0
//
// pool_project.
#include <algorithm>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_pool_project_desc& d) {
  Extent batch{"B"}, time{"L"}, channels{"C"}, embedding{"D"};
  ElementType activation{type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16)};
  const Use result = check.backward() ? Use::read : Use::write;
  check.flags(d.flags, PCD_FLAG_INFERENCE | PCD_FLAG_ACCUMULATE);
  check.activation("input", d.input, activation, batch, time, channels, Use::read);
  check.activation("input_grad", d.input_grad, activation, batch, time, channels, check.in_backward(Use::write));
  check.at_most(channels, kMaxChannels);
  check.tensor("h", d.h, PCD_DTYPE_F32, {&batch, &channels}, result);
  check.tensor("z", d.z, PCD_DTYPE_F32, {&batch, &embedding}, result, Need::optional);
  check.tensor("h_grad", d.h_grad, PCD_DTYPE_F32, {&batch, &channels}, check.in_backward(Use::read), Need::optional);
  check.tensor("z_grad", d.z_grad, PCD_DTYPE_F32, {&batch, &embedding}, check.in_backward(Use::read), Need::optional);
  if (check.backward() && !check.sizing()) {
    check.require(present(d.h_grad) || present(d.z_grad), PCD_ERROR_ARGUMENT,
                  "h_grad and z_grad are both absent, expected at least one");
    check.require(!present(d.z_grad) || present(d.z), PCD_ERROR_ARGUMENT,
                  "z_grad is given, and z is absent (its buffer is NULL); backward reads it");
  }
  // Without z the embedding follows from the number of parameters, which always contain the projection.
  if (!embedding.known() && check.length(d.parameters) > 0) {
    const int64_t rest = check.length(d.parameters) - parameter_count(PCD_OP_POOL_PROJECT, channels.value, 0, 0).count;
    embedding.value = std::max<int64_t>(1, rest / (channels.value + 1));
  }
  check.at_most(embedding, kMaxChannels);
  const ParameterCount parameters = parameter_count(PCD_OP_POOL_PROJECT, channels.value, embedding.value, 0);
  Extent count{parameters.formula, embedding.known() ? parameters.count : 0};
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("parameter_grad", d.parameter_grad, PCD_DTYPE_F32, {&count}, check.in_backward(Use::update));
  check.complete();
  check.packed(d.packed, PCD_OP_POOL_PROJECT, activation.dtype(), channels, embedding.value, 0);
  check.saved(d.saved, &d, d.flags);
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
