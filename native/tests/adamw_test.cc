// SPDX-License-Identifier: Apache-2.0
//
// adamw on every backend over several steps: clipping on and off, decay by segment, with and without the
// average, and a gradient that is not finite.
#include "reference/adamw.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int kSteps = 3;

struct Data {
  int64_t count;
  float clip, weight_decay;
  bool average;
  std::vector<int64_t> segments;
  std::vector<float> decay, parameters;
  std::vector<std::vector<float>> gradients;  // a step

  Data(int64_t n, float c, float wd, bool averaged, double gradient_scale)
      : count(n), clip(c), weight_decay(wd), average(averaged) {
    Random random(static_cast<uint64_t>(n));
    parameters = random.normals(n, 0.05);
    for (int step = 0; step < kSteps; ++step) gradients.push_back(random.normals(n, gradient_scale));
    segments.push_back(0);
    while (segments.back() < n) {
      segments.push_back(std::min(n, segments.back() + 1 + random.below(n / 3 + 1)));
      decay.push_back(decay.size() % 2 == 0 ? 1.0f : 0.0f);
    }
  }

  // The state of a step, as step_begin leaves it.
  static pcd_step_state state(int step) {
    pcd_step_state s{};
    s.step = static_cast<uint64_t>(step + 1);
    s.beta1_power = std::pow(0.9, step + 1);
    s.beta2_power = std::pow(0.999, step + 1);
    s.rate = 2e-3f * static_cast<float>(step + 1);
    s.rate_scale = 1;
    s.non_finite = 4;
    return s;
  }
};

Outputs run(Device& device, const Data& data) {
  const int64_t n = data.count;
  auto desc = descriptor<pcd_adamw_desc>();
  desc.beta1 = 0.9f;
  desc.beta2 = 0.999f;
  desc.epsilon = 1e-8f;
  desc.weight_decay = data.weight_decay;
  desc.clip_norm = data.clip;
  desc.average_decay = 0.995f;
  const std::vector<float> zeros(static_cast<size_t>(n), 0.0f);
  desc.parameters = device.inout(data.parameters, {n});
  desc.first_moment = device.inout(zeros, {n});
  desc.second_moment = device.inout(zeros, {n});
  if (data.average) desc.average = device.inout(data.parameters, {n});
  desc.segments = device.input(data.segments, {static_cast<int64_t>(data.segments.size())});
  desc.decay = device.input(data.decay, {static_cast<int64_t>(data.decay.size())});
  std::vector<double> norms;
  for (int step = 0; step < kSteps; ++step) {
    desc.gradients = device.input(data.gradients[step], {n});
    desc.state = device.inout(as_bytes(Data::state(step)), {sizeof(pcd_step_state)});
    desc.workspace = device.workspace(pcd_adamw_workspace_size, desc);
    device.call(pcd_adamw, desc);
    auto state = from_bytes<pcd_step_state>(device.read_bytes(desc.state));
    norms.push_back(state.gradient_norm);
    state.gradient_norm = 0;
    if (as_bytes(state) != as_bytes(Data::state(step)))
      throw std::runtime_error("adamw changed the state's other fields");
  }
  Outputs outputs{make_output("parameters", device.read(desc.parameters)),
                  make_output("first moment", device.read(desc.first_moment)),
                  make_output("second moment", device.read(desc.second_moment)), make_output("norm", norms)};
  if (data.average) outputs.push_back(make_output("average", device.read(desc.average)));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  reference::AdamWTensors<T> tensors{convert<T>(data.parameters),
                                     std::vector<T>(data.parameters.size(), T(0)),
                                     std::vector<T>(data.parameters.size(), T(0)),
                                     data.average ? convert<T>(data.parameters) : std::vector<T>{}};
  std::vector<T> norms;
  for (int step = 0; step < kSteps; ++step) {
    const pcd_step_state state = Data::state(step);
    const auto gradients = convert<T>(data.gradients[step]);
    norms.push_back(reference::gradient_norm(gradients));
    reference::adamw({0.9f, 0.999f, 1e-8f, data.weight_decay, data.clip, 0.995f, state.rate,
                      state.beta1_power, state.beta2_power},
                     gradients, data.segments, data.decay, tensors);
  }
  Outputs outputs{make_output("parameters", tensors.parameters),
                  make_output("first moment", tensors.first_moment),
                  make_output("second moment", tensors.second_moment), make_output("norm", norms)};
  if (data.average) outputs.push_back(make_output("average", tensors.average));
  return outputs;
}

// Nothing moves but the counter and the norm.
Outputs run_not_finite(Device& device, const Data& data, float poison) {
  const int64_t n = data.count;
  auto desc = descriptor<pcd_adamw_desc>();
  desc.beta1 = 0.9f;
  desc.beta2 = 0.999f;
  desc.epsilon = 1e-8f;
  desc.clip_norm = data.clip;
  desc.average_decay = 0.995f;
  std::vector<float> gradients = data.gradients[0];
  gradients[static_cast<size_t>(n / 2)] = poison;
  desc.parameters = device.inout(data.parameters, {n});
  desc.gradients = device.input(gradients, {n});
  desc.first_moment = device.inout(data.gradients[1], {n});
  desc.second_moment = device.inout(data.gradients[2], {n});
  desc.average = device.inout(data.parameters, {n});
  desc.segments = device.input(data.segments, {static_cast<int64_t>(data.segments.size())});
  desc.decay = device.input(data.decay, {static_cast<int64_t>(data.decay.size())});
  desc.state = device.inout(as_bytes(Data::state(0)), {sizeof(pcd_step_state)});
  desc.workspace = device.workspace(pcd_adamw_workspace_size, desc);
  device.call(pcd_adamw, desc);
  const auto state = from_bytes<pcd_step_state>(device.read_bytes(desc.state));
  if (std::isfinite(state.gradient_norm)) throw std::runtime_error("gradient_norm is finite");
  return {make_output("parameters", device.read(desc.parameters), Kind::exact),
          make_output("first moment", device.read(desc.first_moment), Kind::exact),
          make_output("second moment", device.read(desc.second_moment), Kind::exact),
          make_output("average", device.read(desc.average), Kind::exact),
          make_output("non_finite", std::vector<int32_t>{state.non_finite}, Kind::exact)};
}

}  // namespace

int main() {
  Suite suite("adamw");
  for (int64_t n : {1, 2, 7, 1000, 12345, 70001}) {
    for (const auto& [clip, scale, average] : {std::tuple<float, double, bool>{1.0f, 0.5, true},
                                               {1.0f, 1e-6, false},
                                               {0.0f, 3.0, true},
                                               {1.0f, 0.0, true}}) {
      const Data data(n, clip, 0.05f, average, scale);
      const std::string where = "P " + std::to_string(n) + " clip " + std::to_string(clip) + " gradient " +
                                std::to_string(scale) + (average ? " average" : "");
      suite.check(
          where, [&](Device& device) { return run(device, data); },
          [&](auto type) { return expected(type, data); });
    }
    for (float poison : {NAN, INFINITY, -INFINITY}) {
      const Data data(n, 1.0f, 0, true, 1);
      const Outputs kept{make_output("parameters", data.parameters, Kind::exact),
                         make_output("first moment", data.gradients[1], Kind::exact),
                         make_output("second moment", data.gradients[2], Kind::exact),
                         make_output("average", data.parameters, Kind::exact),
                         make_output("non_finite", std::vector<int32_t>{5}, Kind::exact)};
      suite.check_outputs(
          "P " + std::to_string(n) + " gradient holds " + std::to_string(poison),
          [&](Device& device) { return run_not_finite(device, data, poison); }, kept, kept, kSingle);
    }
  }
  return suite.finish();
}
