// SPDX-License-Identifier: Apache-2.0
//
// step_begin on every backend: a run of steps of each schedule against the reference, from an epoch's start.
#include "reference/step_begin.h"

#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;
using reference::Schedule;

pcd_step_state first_state() {
  pcd_step_state state{};
  state.epoch = 3;
  state.cursor = uint64_t{0} - 128;
  state.seed = 0x123456789ABCDEF0u;
  state.beta1_power = state.beta2_power = 1;
  state.rate_scale = 0.5f;
  state.weight_reconstruction = 1;
  state.weight_contrastive = 0.01f;
  state.weight_classifier = 0.02f;
  state.gradient_norm = 7;
  state.anchors = 9;
  state.non_finite = 2;
  return state;
}

// Fields that change, then all others as bytes.
void add_state(Outputs& outputs, const std::vector<pcd_step_state>& states) {
  Output rate{"rate", {}}, powers{"beta powers", {}}, exact{"other fields", {}, Kind::exact};
  for (pcd_step_state state : states) {
    rate.values.push_back(state.rate);
    powers.values.insert(powers.values.end(), {state.beta1_power, state.beta2_power});
    state.rate = 0;
    state.beta1_power = state.beta2_power = 0;
    for (uint8_t byte : as_bytes(state)) exact.values.push_back(byte);
  }
  // Alone, because it may be smaller than the peak by orders of magnitude.
  const Output last{"last rate", {rate.values.back()}};
  outputs = {rate, last, powers, exact};
}

int32_t schedule_code(Schedule schedule) {
  switch (schedule) {
    case Schedule::constant:
      return PCD_SCHEDULE_CONSTANT;
    case Schedule::one_cycle:
      return PCD_SCHEDULE_ONE_CYCLE;
    default:
      return PCD_SCHEDULE_COSINE;
  }
}

}  // namespace

int main() {
  Suite suite("step_begin");
  const struct {
    const char* name;
    Schedule schedule;
    int64_t warmup, total;
  } cases[] = {{"constant", Schedule::constant, 0, 0},
               {"one-cycle", Schedule::one_cycle, 10, 100},
               {"one-cycle, no warm-up", Schedule::one_cycle, 0, 30},
               {"one-cycle, warm-up of 1", Schedule::one_cycle, 1, 30},
               {"one-cycle, one step", Schedule::one_cycle, 1, 1},
               {"cosine", Schedule::cosine, 5, 60},
               {"cosine, no warm-up", Schedule::cosine, 0, 60}};
  for (const auto& c : cases) {
    const reference::StepOptions options{c.schedule, 1.5e-3f, 1e-6f, c.warmup, c.total, 128, 0.9, 0.999};
    const int steps = 120;
    const auto run = [&](Device& device) {
      auto desc = descriptor<pcd_step_begin_desc>();
      desc.schedule = schedule_code(c.schedule);
      desc.peak = 1.5e-3f;
      desc.final_rate = 1e-6f;
      desc.warmup = c.warmup;
      desc.total = c.total;
      desc.batch = 128;
      desc.beta1 = 0.9;
      desc.beta2 = 0.999;
      desc.state = device.inout(as_bytes(first_state()), {sizeof(pcd_step_state)});
      std::vector<pcd_step_state> states;
      for (int step = 0; step < steps; ++step) {
        device.call(pcd_step_begin, desc);
        states.push_back(from_bytes<pcd_step_state>(device.read_bytes(desc.state)));
      }
      Outputs outputs;
      add_state(outputs, states);
      return outputs;
    };
    std::vector<pcd_step_state> states;
    pcd_step_state state = first_state();
    for (int step = 0; step < steps; ++step) states.push_back(state = reference::step_begin(options, state));
    Outputs expected;
    add_state(expected, states);
    suite.check_outputs(c.name, run, expected, expected, kSingle);
  }
  return suite.finish();
}
