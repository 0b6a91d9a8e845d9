// SPDX-License-Identifier: Apache-2.0
//
// reconstruction_loss on every backend against the fp64 reference: errors of exactly 0, weights of the step
// state, and each output alone.
#include "reference/reconstruction_loss.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Options {
  bool state, loss, gradient, moments;
  float gradient_scale;
};

struct Data {
  reference::ReconstructionShape shape;
  Options options;
  std::vector<float> prediction, target;
  float weight = 0.37f;

  Data(const reference::ReconstructionShape& s, const Options& o) : shape(s), options(o) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.targets));
    const int64_t count = s.batch * s.length * s.targets;
    target = random.normals(count, 0.3, 0.1);
    prediction = target;
    for (float& p : prediction) {
      if (random.below(5) != 0) p += static_cast<float>(0.1 * random.normal());
    }
  }
};

Outputs run(Device& device, const Data& data) {
  const auto [B, L, K] = data.shape;
  auto desc = descriptor<pcd_reconstruction_loss_desc>();
  desc.mse_weight = 0.8f;
  desc.l1_weight = 0.2f;
  desc.gradient_scale = data.options.gradient_scale;
  desc.prediction = device.input(data.prediction, {B, L, K});
  desc.target = device.input(data.target, {B, L, K});
  if (data.options.state) {
    pcd_step_state state{};
    state.weight_reconstruction = data.weight;
    state.weight_contrastive = state.weight_classifier = 100;
    desc.state = device.input(as_bytes(state), {sizeof state});
  }
  if (data.options.loss) desc.loss = device.output({3});
  if (data.options.gradient) desc.prediction_grad = device.output({B, L, K});
  if (data.options.moments) desc.moments = device.output({B, K, 7}, PCD_DTYPE_F64);
  desc.workspace = device.workspace(pcd_reconstruction_loss_workspace_size, desc);
  device.call(pcd_reconstruction_loss, desc);
  Outputs outputs;
  if (data.options.loss)
    add_segments(outputs, {{"loss", 1}, {"mse", 1}, {"l1", 1}}, device.read(desc.loss), 0, Kind::value);
  if (data.options.gradient) {
    outputs.push_back(make_output("prediction", device.read(desc.prediction_grad), Kind::gradient));
  }
  if (data.options.moments) outputs.push_back(make_output("moments", device.read(desc.moments)));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const T scale = T(data.options.gradient_scale) * (data.options.state ? T(data.weight) : T(1));
  const auto result = reference::reconstruction_loss(data.shape, convert<T>(data.prediction),
                                                     convert<T>(data.target), T(0.8f), T(0.2f), scale);
  Outputs outputs;
  if (data.options.loss) {
    const std::vector<T> losses{result.loss, result.mse, result.l1};
    add_segments(outputs, {{"loss", 1}, {"mse", 1}, {"l1", 1}}, losses, 0, Kind::value);
  }
  if (data.options.gradient)
    outputs.push_back(make_output("prediction", result.prediction_grad, Kind::gradient));
  if (data.options.moments) outputs.push_back(make_output("moments", result.moments));
  return outputs;
}

}  // namespace

int main() {
  Suite suite("reconstruction_loss");
  const reference::ReconstructionShape shapes[] = {{1, 1, 1},   {2, 2, 3},    {3, 7, 5},    {5, 50, 5},
                                                   {2, 256, 5}, {1, 1000, 9}, {7, 256, 16}, {128, 256, 5}};
  const Options all[] = {{true, true, true, true, 0.25f},
                         {false, true, false, false, 1},
                         {false, false, true, false, 1},
                         {true, false, false, true, 1}};
  for (const auto& shape : shapes) {
    for (const Options& options : all) {
      const Data data(shape, options);
      const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                                " T " + std::to_string(shape.targets) + (options.state ? " state" : "") +
                                (options.loss ? " loss" : "") + (options.gradient ? " gradient" : "") +
                                (options.moments ? " moments" : "");
      suite.check(
          where, [&](Device& device) { return run(device, data); },
          [&](auto type) { return expected(type, data); });
    }
  }
  return suite.finish();
}
