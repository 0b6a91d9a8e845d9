// SPDX-License-Identifier: Apache-2.0
//
// convolution and its transpose against the fp64 reference: taps, strides and paddings whose ends do not fit, with and
// without addend and input gradient, written and added to.
#include "reference/convolution.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::ConvolutionShape shape;
  bool accumulate;  // both gradients, with the addend in the output's memory
  bool addend, input_grad;
  std::vector<float> input, parameters, added, output_grad, initial_input_grad, initial_grad;

  Data(const reference::ConvolutionShape& s, bool add, bool with_addend, bool with_input)
      : shape(s), accumulate(add), addend(with_addend), input_grad(with_input) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.taps));
    input = random.normals(s.batch * s.length * s.inputs);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(static_cast<double>(s.inputs * s.taps)));
    added = random.normals(s.batch * s.made * s.outputs);
    output_grad = random.normals(s.batch * s.made * s.outputs);
    initial_input_grad = random.normals(s.batch * s.length * s.inputs);
    initial_grad = random.normals(s.parameters());
  }

  std::vector<Segment> segments() const {
    return {{"weight", shape.outputs * shape.inputs * shape.taps}, {"bias", shape.outputs}};
  }
};

Outputs run(Device& device, const Data& data) {
  const reference::ConvolutionShape& s = data.shape;
  auto desc = descriptor<pcd_convolution_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT : 0;
  desc.taps = static_cast<int32_t>(s.taps);
  desc.stride = static_cast<int32_t>(s.stride);
  desc.padding = static_cast<int32_t>(s.padding);
  desc.transposed = s.transposed ? 1 : 0;
  desc.input = device.input(data.input, {s.batch, s.length, s.inputs});
  desc.parameters = device.parameters(data.parameters);
  desc.output = device.output({s.batch, s.made, s.outputs});
  if (data.addend) {
    desc.addend = data.accumulate ? desc.output = device.inout(data.added, {s.batch, s.made, s.outputs})
                                  : device.input(data.added, {s.batch, s.made, s.outputs});
  }
  desc.output_grad = device.input(data.output_grad, {s.batch, s.made, s.outputs});
  if (data.input_grad) {
    desc.input_grad = data.accumulate ? device.inout(data.initial_input_grad, {s.batch, s.length, s.inputs})
                                      : device.output({s.batch, s.length, s.inputs});
  }
  desc.parameter_grad =
      device.parameter_grad(s.parameters(), data.accumulate ? data.initial_grad : std::vector<float>{});
  desc.workspace = device.workspace(pcd_convolution_workspace_size, desc);
  device.call(pcd_convolution_forward, desc);
  desc.workspace = device.workspace(pcd_convolution_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_convolution_backward, desc);
  Outputs outputs{make_output("output", device.read(desc.output))};
  if (data.input_grad) outputs.push_back(make_output("input", device.read(desc.input_grad), Kind::gradient));
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), parameters = convert<T>(data.parameters);
  const auto added = data.addend ? convert<T>(data.added) : std::vector<T>{};
  const auto output = reference::convolution_forward(data.shape, input, parameters, added);
  auto gradients = reference::convolution_backward(data.shape, input, parameters, convert<T>(data.output_grad));
  if (data.accumulate) {
    for (size_t i = 0; i < gradients.input.size(); ++i) gradients.input[i] += T(data.initial_input_grad[i]);
    for (size_t i = 0; i < gradients.parameters.size(); ++i) gradients.parameters[i] += T(data.initial_grad[i]);
  }
  Outputs outputs{make_output("output", output)};
  if (data.input_grad) outputs.push_back(make_output("input", gradients.input, Kind::gradient));
  add_segments(outputs, data.segments(), gradients.parameters);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("convolution", Suite::Ops::cpu);
  // B, L, M, I, O, taps, stride, padding, transposed
  const reference::ConvolutionShape shapes[] = {
      {1, 1, 1, 1, 1, 1, 1, 0, false},       {2, 7, 7, 3, 5, 1, 1, 0, false},   {40, 5, 5, 3, 2, 3, 1, 1, false},
      {3, 256, 128, 32, 64, 4, 2, 1, false}, {2, 33, 17, 20, 7, 3, 2, 1, false}, {2, 19, 4, 5, 33, 7, 5, 2, false},
      {2, 11, 3, 3, 4, 4, 3, 0, false},      {2, 9, 12, 6, 5, 6, 1, 4, false},   {5, 32, 16, 64, 128, 4, 2, 1, false},
      {1, 1, 1, 1, 1, 1, 1, 0, true},        {3, 128, 256, 64, 32, 4, 2, 1, true}, {2, 17, 34, 7, 20, 2, 2, 0, true},
      {40, 4, 8, 3, 2, 4, 2, 1, true},       {2, 4, 19, 33, 5, 7, 5, 2, true},   {2, 3, 12, 4, 3, 4, 3, 0, true},
      {2, 12, 9, 5, 6, 6, 1, 4, true},       {5, 16, 32, 128, 64, 4, 2, 1, true}};
  for (const auto& shape : shapes) {
    for (bool accumulate : {false, true}) {
      for (bool addend : {false, true}) {
        for (bool input_grad : {false, true}) {
          const std::string where =
              "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) + " I " +
              std::to_string(shape.inputs) + " O " + std::to_string(shape.outputs) + " taps " +
              std::to_string(shape.taps) + " stride " + std::to_string(shape.stride) +
              (shape.transposed ? " transposed" : "") + (accumulate ? " accumulate in place" : "") +
              (addend ? " addend" : "") + (input_grad ? "" : " no dx");
          const Data data(shape, accumulate, addend, input_grad);
          suite.check(
              where, [&](Device& device) { return run(device, data); },
              [&](auto type) { return expected(type, data); });
        }
      }
    }
  }
  return suite.finish();
}
