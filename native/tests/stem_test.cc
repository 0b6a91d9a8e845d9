// SPDX-License-Identifier: Apache-2.0
//
// stem on every backend against the fp64 reference.
#include "reference/stem.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::StemShape shape;
  bool accumulate;
  std::vector<float> input, parameters, output_grad, initial_grad;

  Data(const reference::StemShape& s, bool add) : shape(s), accumulate(add) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    input = random.normals(s.batch * s.length * s.leads);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(7.0 * static_cast<double>(s.leads)));
    output_grad = random.normals(s.batch * s.length * s.channels);
    initial_grad = random.normals(s.parameters());
  }

  void round_activations() { round_to_bf16(output_grad); }
  std::vector<Segment> segments() const { return {{"weight", shape.weights()}, {"bias", shape.channels}}; }
};

Outputs run(Device& device, const Data& data, int32_t dtype) {
  const auto [B, L, N, C] = data.shape;
  auto desc = descriptor<pcd_stem_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE : 0;
  desc.input = device.input(data.input, {B, L, N});
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_STEM, dtype, C, N, 0, desc.parameters);
  desc.output = device.output({B, L, C}, dtype);
  desc.output_grad = device.input(data.output_grad, {B, L, C}, dtype);
  desc.parameter_grad = device.parameter_grad(data.shape.parameters(),
                                              data.accumulate ? data.initial_grad : std::vector<float>{});
  desc.workspace = device.workspace(pcd_stem_workspace_size, desc);
  device.call(pcd_stem_forward, desc);
  Outputs outputs{make_output("output", device.read(desc.output))};
  desc.workspace = device.workspace(pcd_stem_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_stem_backward, desc);
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input);
  Outputs outputs{
      make_output("output", reference::stem_forward(data.shape, input, convert<T>(data.parameters)))};
  auto gradient = reference::stem_backward(data.shape, input, convert<T>(data.output_grad));
  for (size_t i = 0; i < gradient.size() && data.accumulate; ++i) gradient[i] += T(data.initial_grad[i]);
  add_segments(outputs, data.segments(), gradient);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("stem");
  const reference::StemShape shapes[] = {{1, 1, 3, 1},      {2, 2, 1, 3},    {3, 7, 3, 16},
                                         {2, 50, 8, 20},    {5, 50, 3, 64},  {2, 256, 3, 64},
                                         {1, 1000, 3, 128}, {2, 33, 12, 17}, {1, 50, 16, 256}};
  for (const auto& shape : shapes) {
    for (bool accumulate : {false, true}) {
      const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                                " n " + std::to_string(shape.leads) + " C " + std::to_string(shape.channels) +
                                (accumulate ? " accumulate" : "");
      suite.check_types(where, Data(shape, accumulate), run,
                        [](auto type, const Data& data) { return expected(type, data); });
    }
  }
  return suite.finish();
}
