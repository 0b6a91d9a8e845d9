// SPDX-License-Identifier: Apache-2.0
//
// head on every backend against the fp64 reference, with and without the anchor.
#include "reference/head.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::HeadShape shape;
  bool accumulate, with_anchor;
  std::vector<float> input, signal, parameters, anchor, output_grad, initial_grad;

  Data(const reference::HeadShape& s, bool add, bool anchored)
      : shape(s), accumulate(add), with_anchor(anchored) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    input = random.normals(s.batch * s.length * s.channels, 1.5, 0.5);
    signal = random.normals(s.batch * s.length * s.leads);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(static_cast<double>(s.channels)));
    for (int64_t c = 0; c < s.channels; ++c) parameters[c] += 1;
    anchor = random.normals(s.anchor());
    output_grad = random.normals(s.batch * s.length * s.targets);
    initial_grad = random.normals(s.parameters());
  }

  void round_activations() { round_to_bf16(input); }

  std::vector<Segment> segments() const {
    return {{"norm.weight", shape.channels},
            {"norm.bias", shape.channels},
            {"weight", shape.targets * shape.channels},
            {"bias", shape.targets}};
  }
};

Outputs run(Device& device, const Data& data, int32_t dtype) {
  const auto [B, L, C, T, N] = data.shape;
  auto desc = descriptor<pcd_head_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE : 0;
  desc.input = device.input(data.input, {B, L, C}, dtype);
  if (data.with_anchor) {
    desc.signal = device.input(data.signal, {B, L, N});
    desc.anchor = device.parameters(data.anchor);
  }
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_HEAD, dtype, C, T, 0, desc.parameters);
  desc.output = device.output({B, L, T});
  desc.output_grad = device.input(data.output_grad, {B, L, T});
  desc.input_grad = device.output({B, L, C}, dtype);
  desc.parameter_grad = device.parameter_grad(data.shape.parameters(),
                                              data.accumulate ? data.initial_grad : std::vector<float>{});
  uint64_t saved = 0;
  device.check(pcd_head_saved_size(device.context(), &desc, &saved));
  desc.saved = device.bytes(saved);
  desc.workspace = device.workspace(pcd_head_workspace_size, desc);
  device.call(pcd_head_forward, desc);

  pcd_head_desc inference = desc;
  inference.flags = PCD_FLAG_INFERENCE;
  inference.output = device.output({B, L, T});
  inference.saved = inference.output_grad = inference.input_grad = inference.parameter_grad = pcd_tensor{};
  inference.workspace = device.workspace(pcd_head_workspace_size, inference);
  device.call(pcd_head_forward, inference);

  desc.workspace = device.workspace(pcd_head_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_head_backward, desc);
  Outputs outputs{make_output("output", device.read(desc.output)),
                  make_output("output, inference", device.read(inference.output)),
                  make_output("input", device.read(desc.input_grad), Kind::gradient)};
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), parameters = convert<T>(data.parameters);
  const auto output = reference::head_forward(data.shape, input, convert<T>(data.signal), parameters,
                                              data.with_anchor ? convert<T>(data.anchor) : std::vector<T>{});
  auto gradients = reference::head_backward(data.shape, input, parameters, convert<T>(data.output_grad));
  for (size_t i = 0; i < gradients.parameters.size() && data.accumulate; ++i) {
    gradients.parameters[i] += T(data.initial_grad[i]);
  }
  const double scale = data.shape.channels == 1 ? 316 : 0;  // one channel is its own mean: all cancels out
  Outputs outputs{make_output("output", output), make_output("output, inference", output),
                  make_output("input", gradients.input, Kind::gradient, scale)};
  add_segments(outputs, data.segments(), gradients.parameters, scale);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("head");
  const reference::HeadShape shapes[] = {{1, 1, 1, 1, 1},     {2, 2, 3, 5, 3},   {3, 7, 16, 9, 2},
                                         {4, 50, 20, 5, 3},   {5, 50, 64, 5, 3}, {2, 256, 64, 5, 3},
                                         {1, 1000, 16, 3, 8}, {2, 7, 128, 5, 3}, {1, 50, 256, 16, 16},
                                         {3, 61, 64, 8, 8},   {1, 99, 64, 4, 12}, {2, 101, 128, 7, 4},
                                         {3, 33, 256, 5, 3},  {1, 19, 256, 8, 4}};
  for (const auto& shape : shapes) {
    for (bool accumulate : {false, true}) {
      for (bool anchored : {true, false}) {
        const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                                  " C " + std::to_string(shape.channels) + " T " +
                                  std::to_string(shape.targets) + (accumulate ? " accumulate" : "") +
                                  (anchored ? " anchor" : "");
        suite.check_types(where, Data(shape, accumulate, anchored), run,
                          [](auto type, const Data& data) { return expected(type, data); });
      }
    }
  }
  Data constant({3, 9, 20, 5, 3}, false, true);  // rows without variance
  std::fill(constant.input.begin(), constant.input.begin() + 2 * 9 * 20, 0.25f);
  suite.check_types("constant rows", constant, run,
                    [](auto type, const Data& data) { return expected(type, data); });
  return suite.finish();
}
