// SPDX-License-Identifier: Apache-2.0
//
// One-cycle as Smith & Topin (2018) with cosine phases: peak/25 at step 1, peak at `warmup`, peak/25e4 from
// `total` on.
#include "reference/step_begin.h"

#include <cmath>

namespace pcd::reference {
namespace {

constexpr double kPi = 3.14159265358979323846;

// From `first` up to step a to `last` from step b on, along half a cosine.
double cosine_between(double first, double last, double step, double a, double b) {
  if (step <= a) return first;
  if (step >= b) return last;
  const double weight = 0.5 * (1 + std::cos(kPi * (step - a) / (b - a)));
  return last + (first - last) * weight;
}

}  // namespace

double schedule_rate(const StepOptions& options, uint64_t step) {
  const double s = static_cast<double>(step);
  const double warmup = static_cast<double>(options.warmup), total = static_cast<double>(options.total);
  switch (options.schedule) {
    case Schedule::constant:
      return options.peak;
    case Schedule::one_cycle:
      if (s < warmup) return cosine_between(options.peak / 25, options.peak, s, 1, warmup);
      return cosine_between(options.peak, options.peak / 25e4, s, std::fmax(warmup, 1), total);
    case Schedule::cosine:
      if (s <= warmup) return options.peak;
      return cosine_between(options.peak, options.final_rate, s, warmup, total);
  }
  return 0;
}

pcd_step_state step_begin(const StepOptions& options, pcd_step_state state) {
  state.step += 1;
  state.cursor += static_cast<uint64_t>(options.batch);
  state.beta1_power *= options.beta1;
  state.beta2_power *= options.beta2;
  state.rate = static_cast<float>(state.rate_scale * schedule_rate(options, state.step));
  return state;
}

}  // namespace pcd::reference
