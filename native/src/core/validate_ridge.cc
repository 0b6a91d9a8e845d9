// SPDX-License-Identifier: Apache-2.0
//
// ridge.
#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_ridge_desc& d) {
  Extent batch{"B"}, time{"L"}, leads{"n"}, targets{"T"};
  check.flags(d.flags, 0);
  check.tensor("inputs", d.inputs, PCD_DTYPE_F32, {&batch, &time, &leads}, Use::read);
  check.tensor("targets", d.targets, PCD_DTYPE_F32, {&batch, &time, &targets}, Use::read);
  check.at_most(leads, PCD_MAX_LEADS);
  check.at_most(targets, PCD_MAX_LEADS);
  Extent with_bias{"n+1", leads.known() ? leads.value + 1 : 0};
  check.tensor("gram", d.gram, PCD_DTYPE_F64, {&with_bias, &with_bias}, Use::update);
  check.tensor("moment", d.moment, PCD_DTYPE_F64, {&with_bias, &targets}, Use::update);
  check.complete();
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
