// SPDX-License-Identifier: Apache-2.0
//
// log_rms.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_log_rms_desc& d) {
  Extent batch{"B"}, time{"L"}, leads{"n"}, channels{"C"};
  check.flags(d.flags, 0);
  check.real("scale", d.scale, -INFINITY, INFINITY);
  check.tensor("input", d.input, PCD_DTYPE_F32, {&batch, &time, &leads}, Use::read);
  check.at_most(leads, PCD_MAX_LEADS);
  check.tensor("h", d.h, PCD_DTYPE_F32, {&batch, &channels}, Use::write);
  check.at_most(channels, kMaxChannels);
  check.require(channels.value >= leads.value, PCD_ERROR_SHAPE, "h has C=%lld channels for n=%lld leads",
                static_cast<long long>(channels.value), static_cast<long long>(leads.value));
  check.complete();
}

}  // namespace pcd
