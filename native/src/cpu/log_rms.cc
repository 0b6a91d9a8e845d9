// SPDX-License-Identifier: Apache-2.0
//
// log_rms: the sums over time in fp64, so that no order of theirs shows.
#include <cstdint>

#include "core/buffer.h"
#include "cpu/math.h"
#include "cpu/ops.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {

int32_t log_rms(Pool& pool, const pcd_log_rms_desc& d) {
  const int64_t length = d.input.shape[1], leads = d.input.shape[2], channels = d.h.shape[1];
  pool.run(d.input.shape[0], [&](int64_t b) {
    const float* x = data<const float>(d.input) + b * length * leads;
    float* h = data<float>(d.h) + b * channels;
    fill_row(h, channels, 0.0f);
    for (int64_t lead = 0; lead < leads; ++lead) {
      double squares = 0;
      for (int64_t t = 0; t < length; ++t) {
        const double value = x[t * leads + lead];
        squares += value * value;
      }
      const vf square = broadcast(static_cast<float>(squares / static_cast<double>(length)));
      // What is not a number stays one.
      const vf floor = broadcast(1e-6f);
      const vf limited = square < floor ? floor : square;
      h[lead] = d.scale * 0.5f * log(limited)[0];
    }
  });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
