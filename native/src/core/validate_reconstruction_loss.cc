// SPDX-License-Identifier: Apache-2.0
//
// reconstruction_loss.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_reconstruction_loss_desc& d) {
  Extent batch{"B"}, time{"L"}, targets{"T"}, three{"3", 3}, seven{"7", 7};
  check.flags(d.flags, 0);
  check.real("mse_weight", d.mse_weight, 0, INFINITY);
  check.real("l1_weight", d.l1_weight, 0, INFINITY);
  check.real("gradient_scale", d.gradient_scale, -INFINITY, INFINITY);
  check.tensor("prediction", d.prediction, PCD_DTYPE_F32, {&batch, &time, &targets}, Use::read);
  check.tensor("target", d.target, PCD_DTYPE_F32, {&batch, &time, &targets}, Use::read);
  check.at_most(targets, PCD_MAX_LEADS);
  check.state(d.state, Use::read, Need::optional);
  check.tensor("loss", d.loss, PCD_DTYPE_F32, {&three}, Use::write, Need::optional);
  check.tensor("prediction_grad", d.prediction_grad, PCD_DTYPE_F32, {&batch, &time, &targets}, Use::write,
               Need::optional);
  check.tensor("moments", d.moments, PCD_DTYPE_F64, {&batch, &targets, &seven}, Use::write, Need::optional);
  if (!check.sizing()) {
    check.require(present(d.loss) || present(d.prediction_grad) || present(d.moments), PCD_ERROR_ARGUMENT,
                  "loss, prediction_grad and moments are all absent, expected at least one");
  }
  check.complete();
  check.workspace(d.workspace, &d);
}

}  // namespace pcd
