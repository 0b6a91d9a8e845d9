// SPDX-License-Identifier: Apache-2.0
//
// step_begin and metrics: the first and the last node of a step.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_step_begin_desc& d) {
  check.range("schedule", d.schedule, PCD_SCHEDULE_CONSTANT, PCD_SCHEDULE_COSINE);
  check.real("peak", d.peak, 0, INFINITY);
  check.real("final_rate", d.final_rate, 0, INFINITY);
  check.range("warmup", d.warmup, 0, INT64_MAX);
  if (d.schedule != PCD_SCHEDULE_CONSTANT) {
    check.range("total", d.total, 1, INT64_MAX);
    check.range("warmup (at most total)", d.warmup, 0, d.total);
  }
  check.range("batch", d.batch, 0, INT64_MAX);
  check.require(d.beta1 >= 0 && d.beta1 < 1, PCD_ERROR_ARGUMENT, "beta1 is %g, expected 0 <= beta1 < 1", d.beta1);
  check.require(d.beta2 >= 0 && d.beta2 < 1, PCD_ERROR_ARGUMENT, "beta2 is %g, expected 0 <= beta2 < 1", d.beta2);
  check.state(d.state, Use::update);
}

void validate(Check& check, pcd_metrics_desc& d) {
  Extent three{"3", 3}, one{"1", 1}, capacity{"capacity"}, row{"sizeof(pcd_metrics_row)", sizeof(pcd_metrics_row)};
  ElementType bytes{type_bit(PCD_DTYPE_U8)};
  check.flags(d.flags, 0);
  check.state(d.state, Use::read);
  check.tensor("reconstruction", d.reconstruction, PCD_DTYPE_F32, {&three}, Use::read, Need::optional);
  check.tensor("contrastive", d.contrastive, PCD_DTYPE_F32, {&three}, Use::read, Need::optional);
  check.tensor("classifier", d.classifier, PCD_DTYPE_F32, {&one}, Use::read, Need::optional);
  check.tensor("ring", d.ring, bytes, {&capacity, &row}, Use::write, Need::required, 8);
}

}  // namespace pcd
