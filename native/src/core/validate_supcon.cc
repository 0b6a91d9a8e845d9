// SPDX-License-Identifier: Apache-2.0
//
// supcon.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_supcon_desc& d) {
  Extent all{"N"}, embedding{"D"}, words{"W"}, three{"3", 3}, four{"4", 4};
  const bool views_only = (d.flags & PCD_FLAG_VIEWS_ONLY) != 0;
  check.flags(d.flags, PCD_FLAG_VIEWS_ONLY | PCD_FLAG_FAST_PRODUCTS);
  check.range("target", d.target, PCD_SUPCON_ANY, PCD_SUPCON_JACCARD);
  check.require(std::isfinite(d.temperature) && d.temperature > 0 && 2.0 / d.temperature < 80.0, PCD_ERROR_ARGUMENT,
                "temperature is %g, expected more than 0.025 (2/temperature < 80)", static_cast<double>(d.temperature));
  check.tensor("z", d.z, PCD_DTYPE_F32, {&all, &embedding}, Use::read);
  check.at_most(embedding, kMaxChannels);
  check.tensor("labels", d.labels, PCD_DTYPE_U64, {&all, &words}, Use::read,
               views_only ? Need::optional : Need::required);
  check.at_most(words, PCD_MAX_LABEL_WORDS);
  check.tensor("groups", d.groups, PCD_DTYPE_I32, {&all}, Use::read, views_only ? Need::required : Need::optional);
  check.require(all.value <= INT32_MAX, PCD_ERROR_SHAPE, "N is %lld, expected less than 2^31",
                static_cast<long long>(all.value));
  check.require(d.row_begin >= 0 && d.row_begin < d.row_end && d.row_end <= all.value, PCD_ERROR_ARGUMENT,
                "rows [%lld, %lld) are not a part of [0, N=%lld)", static_cast<long long>(d.row_begin),
                static_cast<long long>(d.row_end), static_cast<long long>(all.value));
  Extent rows{"row_end - row_begin", d.row_end - d.row_begin};
  check.state(d.state, check.backward() ? Use::read : Use::update, Need::optional);
  check.tensor("statistics", d.statistics, PCD_DTYPE_F32, {&all, &four}, check.backward() ? Use::read : Use::update);
  check.tensor("loss", d.loss, PCD_DTYPE_F32, {&three}, check.in_forward(Use::write), Need::optional);
  check.tensor("z_grad", d.z_grad, PCD_DTYPE_F32, {&rows, &embedding}, check.in_backward(Use::write));
  check.complete();
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
