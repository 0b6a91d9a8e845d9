// SPDX-License-Identifier: Apache-2.0
//
// adamw. The bounds in `segments` are in device memory: that they ascend from 0 to P is the caller's promise.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_adamw_desc& d) {
  Extent count{"P"}, segments{"S"};
  check.flags(d.flags, 0);
  check.require(d.beta1 >= 0 && d.beta1 < 1, PCD_ERROR_ARGUMENT, "beta1 is %g, expected 0 <= beta1 < 1",
                static_cast<double>(d.beta1));
  check.require(d.beta2 >= 0 && d.beta2 < 1, PCD_ERROR_ARGUMENT, "beta2 is %g, expected 0 <= beta2 < 1",
                static_cast<double>(d.beta2));
  check.require(std::isfinite(d.epsilon) && d.epsilon > 0, PCD_ERROR_ARGUMENT, "epsilon is %g, expected more than 0",
                static_cast<double>(d.epsilon));
  check.real("weight_decay", d.weight_decay, 0, INFINITY);
  check.require(!std::isnan(d.clip_norm), PCD_ERROR_ARGUMENT, "clip_norm is not a number; 0 means no clipping");
  check.real("average_decay", d.average_decay, 0, 1);
  check.tensor("parameters", d.parameters, PCD_DTYPE_F32, {&count}, Use::update);
  check.tensor("gradients", d.gradients, PCD_DTYPE_F32, {&count}, Use::read);
  check.tensor("first_moment", d.first_moment, PCD_DTYPE_F32, {&count}, Use::update);
  check.tensor("second_moment", d.second_moment, PCD_DTYPE_F32, {&count}, Use::update);
  check.tensor("average", d.average, PCD_DTYPE_F32, {&count}, Use::update, Need::optional);
  check.tensor("decay", d.decay, PCD_DTYPE_F32, {&segments}, Use::read);
  Extent bounds{"S+1", segments.known() ? segments.value + 1 : 0};
  check.tensor("segments", d.segments, PCD_DTYPE_I64, {&bounds}, Use::read);
  check.state(d.state, Use::update);
  if (check.sizing() && !segments.known()) {  // a query may leave both out: one segment stands for them
    segments.value = bounds.known() ? bounds.value - 1 : 1;
    bounds.value = segments.value + 1;
  }
  check.complete();
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
