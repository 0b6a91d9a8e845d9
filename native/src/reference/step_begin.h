// SPDX-License-Identifier: Apache-2.0
//
// Reference of step_begin: what the first node of a step does to the step state, and the learning-rate
// schedules.
#ifndef PCD_REFERENCE_STEP_BEGIN_H
#define PCD_REFERENCE_STEP_BEGIN_H

#include <cstdint>

#include "precordia/precordia.h"

namespace pcd::reference {

enum class Schedule { constant, one_cycle, cosine };

struct StepOptions {
  Schedule schedule = Schedule::constant;
  double peak = 0, final_rate = 0;
  int64_t warmup = 0, total = 0, batch = 0;
  double beta1 = 0.9, beta2 = 0.999;
};

// Learning rate of a step, from 1, before the state's rate_scale.
double schedule_rate(const StepOptions& options, uint64_t step);

// The state in step_begin's wake.
pcd_step_state step_begin(const StepOptions& options, pcd_step_state state);

}  // namespace pcd::reference

#endif
