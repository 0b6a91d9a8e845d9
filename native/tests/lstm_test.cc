// SPDX-License-Identifier: Apache-2.0
//
// lstm in one and in both directions against the fp64 reference, and inference against training.
#include "reference/lstm.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::LstmShape shape;
  bool accumulate;
  std::vector<float> input, parameters, output_grad, initial_grad;

  Data(const reference::LstmShape& s, bool add) : shape(s), accumulate(add) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    input = random.normals(s.batch * s.length * s.channels);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(static_cast<double>(s.hidden)));
    output_grad = random.normals(s.batch * s.length * s.directions * s.hidden);
    initial_grad = random.normals(s.parameters());
  }

  std::vector<Segment> segments() const {
    std::vector<Segment> segments;
    for (int64_t d = 0; d < shape.directions; ++d) {
      const std::string suffix = d == 0 ? "" : ", reverse";
      const int64_t gates = 4 * shape.hidden;
      segments.push_back({"weight" + suffix, gates * shape.channels});
      segments.push_back({"recurrence" + suffix, gates * shape.hidden});
      segments.push_back({"biases" + suffix, 2 * gates});
    }
    return segments;
  }
};

Outputs run(Device& device, const Data& data) {
  const reference::LstmShape& s = data.shape;
  const int64_t outputs = s.directions * s.hidden;
  auto desc = descriptor<pcd_lstm_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE : 0;
  desc.directions = static_cast<int32_t>(s.directions);
  desc.input = device.input(data.input, {s.batch, s.length, s.channels});
  desc.parameters = device.parameters(data.parameters);
  desc.output = device.output({s.batch, s.length, outputs});
  desc.output_grad = device.input(data.output_grad, {s.batch, s.length, outputs});
  desc.input_grad = device.output({s.batch, s.length, s.channels});
  desc.parameter_grad =
      device.parameter_grad(s.parameters(), data.accumulate ? data.initial_grad : std::vector<float>{});
  uint64_t saved = 0;
  device.check(pcd_lstm_saved_size(device.context(), &desc, &saved));
  desc.saved = device.bytes(saved);
  desc.workspace = device.workspace(pcd_lstm_workspace_size, desc);
  device.call(pcd_lstm_forward, desc);

  pcd_lstm_desc inference = desc;
  inference.flags = PCD_FLAG_INFERENCE;
  inference.output = device.output({s.batch, s.length, outputs});
  inference.saved = inference.output_grad = inference.input_grad = inference.parameter_grad = pcd_tensor{};
  inference.workspace = device.workspace(pcd_lstm_workspace_size, inference);
  device.call(pcd_lstm_forward, inference);

  desc.workspace = device.workspace(pcd_lstm_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_lstm_backward, desc);
  Outputs made{make_output("output", device.read(desc.output)),
               make_output("output, inference", device.read(inference.output)),
               make_output("input", device.read(desc.input_grad), Kind::gradient)};
  add_segments(made, data.segments(), device.read(desc.parameter_grad));
  return made;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), parameters = convert<T>(data.parameters);
  const auto output = reference::lstm_forward(data.shape, input, parameters);
  auto gradients = reference::lstm_backward(data.shape, input, parameters, convert<T>(data.output_grad));
  if (data.accumulate) {
    for (size_t i = 0; i < gradients.parameters.size(); ++i) gradients.parameters[i] += T(data.initial_grad[i]);
  }
  Outputs outputs{make_output("output", output), make_output("output, inference", output),
                  make_output("input", gradients.input, Kind::gradient)};
  add_segments(outputs, data.segments(), gradients.parameters);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("lstm", Suite::Ops::cpu);
  // B, L, C, H, D
  const reference::LstmShape shapes[] = {{1, 1, 1, 1, 1},    {1, 1, 3, 2, 2},    {9, 7, 5, 3, 1},  {17, 5, 3, 20, 2},
                                         {3, 16, 128, 64, 2}, {2, 33, 16, 17, 2}, {1, 100, 8, 8, 1}};
  for (const auto& shape : shapes) {
    for (bool accumulate : {false, true}) {
      const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) + " C " +
                                std::to_string(shape.channels) + " H " + std::to_string(shape.hidden) +
                                " directions " + std::to_string(shape.directions) +
                                (accumulate ? " accumulate" : "");
      const Data data(shape, accumulate);
      suite.check(
          where, [&](Device& device) { return run(device, data); },
          [&](auto type) { return expected(type, data); });
    }
  }
  return suite.finish();
}
