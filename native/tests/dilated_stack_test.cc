// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on every backend against the fp64 reference: odd sizes, dilations beyond the length, in-place
// backward.
#include "reference/dilated_stack.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::DilatedStackShape shape;
  bool accumulate;  // and, with it, the input's gradient in the memory of the output's
  std::vector<float> input, parameters, output_grad, initial_grad;

  Data(const reference::DilatedStackShape& s, bool add) : shape(s), accumulate(add) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    const int64_t C = s.channels;
    input = random.normals(s.elements());
    for (size_t block = 0; block < s.dilations.size(); ++block) {
      const auto append = [&](int64_t count, double scale, double mean) {
        const std::vector<float> values = random.normals(count, scale, mean);
        parameters.insert(parameters.end(), values.begin(), values.end());
      };
      append(3 * C * C, 1 / std::sqrt(3.0 * static_cast<double>(C)), 0);
      append(C, 0.3, 0);
      append(C, 0.3, 1);
      append(C, 0.3, 0);
      append(C * C, 1 / std::sqrt(static_cast<double>(C)), 0);
      append(C, 0.3, 0);
    }
    output_grad = random.normals(s.elements());
    initial_grad = random.normals(s.parameters());
  }

  void round_activations() {
    round_to_bf16(input);
    round_to_bf16(output_grad);
  }

  std::vector<Segment> segments() const {
    const int64_t C = shape.channels;
    std::vector<Segment> all;
    for (size_t block = 0; block < shape.dilations.size(); ++block) {
      for (const Segment& segment :
           {Segment{"conv.weight", 3 * C * C}, Segment{"conv.bias", C}, Segment{"norm.weight", C},
            Segment{"norm.bias", C}, Segment{"pointwise.weight", C * C}, Segment{"pointwise.bias", C}}) {
        all.push_back(segment);
      }
    }
    return all;
  }
};

Outputs run(Device& device, const Data& data, int32_t dtype) {
  const int64_t B = data.shape.batch, L = data.shape.length, C = data.shape.channels;
  const int32_t blocks = static_cast<int32_t>(data.shape.dilations.size());
  auto desc = descriptor<pcd_dilated_stack_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE : 0;
  desc.blocks = blocks;
  std::copy(data.shape.dilations.begin(), data.shape.dilations.end(), desc.dilations);
  desc.input = device.input(data.input, {B, L, C}, dtype);
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_DILATED_STACK, dtype, C, 0, blocks, desc.parameters);
  desc.output = device.output({B, L, C}, dtype);
  desc.output_grad = device.inout(data.output_grad, {B, L, C}, dtype);
  desc.input_grad = data.accumulate ? desc.output_grad : device.output({B, L, C}, dtype);
  desc.parameter_grad = device.parameter_grad(data.shape.parameters(),
                                              data.accumulate ? data.initial_grad : std::vector<float>{});
  uint64_t saved = 0;
  device.check(pcd_dilated_stack_saved_size(device.context(), &desc, &saved));
  desc.saved = device.bytes(saved);
  desc.workspace = device.workspace(pcd_dilated_stack_workspace_size, desc);
  device.call(pcd_dilated_stack_forward, desc);
  const std::vector<double> output = device.read(desc.output);

  pcd_dilated_stack_desc inference = desc;
  inference.flags = PCD_FLAG_INFERENCE;
  inference.output = device.output({B, L, C}, dtype);
  inference.saved = pcd_tensor{};
  inference.output_grad = inference.input_grad = inference.parameter_grad = pcd_tensor{};
  inference.workspace = device.workspace(pcd_dilated_stack_workspace_size, inference);
  device.call(pcd_dilated_stack_forward, inference);

  desc.workspace = device.workspace(pcd_dilated_stack_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_dilated_stack_backward, desc);
  Outputs outputs{make_output("output", output),
                  make_output("output, inference", device.read(inference.output)),
                  make_output("input", device.read(desc.input_grad), Kind::gradient)};
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), parameters = convert<T>(data.parameters);
  const auto output = reference::dilated_stack_forward(data.shape, input, parameters);
  auto gradients =
      reference::dilated_stack_backward(data.shape, input, parameters, convert<T>(data.output_grad));
  for (size_t i = 0; i < gradients.parameters.size() && data.accumulate; ++i) {
    gradients.parameters[i] += T(data.initial_grad[i]);
  }
  Outputs outputs{make_output("output", output), make_output("output, inference", output),
                  make_output("input", gradients.input, Kind::gradient)};
  // One channel is its own mean: everything before the normalisation cancels out, from terms of about
  // 1/sqrt(eps).
  add_segments(outputs, data.segments(), gradients.parameters, data.shape.channels == 1 ? 316 : 0);
  return outputs;
}

// A value that is not finite must show in its window's results, in whatever arithmetic, and in no other's.
Outputs run_with_fault(Device& device, const Data& data, float fault, int32_t dtype) {
  Data faulty = data;
  faulty.input[0] = fault;
  const Outputs outputs = run(device, faulty, dtype);
  const size_t window = data.input.size() / static_cast<size_t>(data.shape.batch);
  for (const Output& output : outputs) {
    if (output.name != "output" && output.name != "input") continue;
    for (size_t i = 0; i < output.values.size(); ++i) {
      if (i >= window && !std::isfinite(output.values[i])) throw std::runtime_error("a fault left its window");
    }
    if (std::isfinite(output.values[0])) throw std::runtime_error("a fault went unnoticed in " + output.name);
  }
  return {outputs[0]};
}

}  // namespace

int main() {
  Suite suite("dilated_stack");
  const reference::DilatedStackShape shapes[] = {
      {1, 1, 1, {1}},
      {2, 2, 3, {1, 2}},
      {3, 7, 16, {1, 2, 4, 8}},
      {5, 50, 12, {100, 1000000, 49, 50}},
      {2, 50, 20, {1, 2, 4, 8, 16, 32}},
      {3, 33, 17, {3, 5}},
      {2, 50, 64, {8, 4, 2, 1}},
      {1, 256, 64, {1, 2, 4, 8, 16, 32}},
      {1, 1000, 16, {1, 2, 4, 8}},
      {1, 1000, 64, {1, 16}},
      {5, 61, 64, {2}},
      {1, 256, 128, {2}},
      {1, 50, 128, {1, 64}},
      {1, 7, 256, {4}},
      // More tiles of 64 rows than blocks at once on the SIMT executor's few multiprocessors.
      {1, 580, 128, {2}},
      {1, 200, 128, {100}},
      {1, 400, 256, {3}},
      {1, 200, 256, {100}},
      {1, 70, 256, {32}},
      {2, 9, 5, {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8}},
  };
  bool accumulate = false;
  for (const auto& shape : shapes) {
    const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                              " C " + std::to_string(shape.channels) + " blocks " +
                              std::to_string(shape.dilations.size()) +
                              (accumulate ? " accumulate in place" : "");
    suite.check_types(where, Data(shape, accumulate), run,
                      [](auto type, const Data& data) { return expected(type, data); });
    accumulate = !accumulate;
  }
  const Data small({2, 12, 6, {1, 2}}, false);
  for (const float fault : {NAN, INFINITY}) {
    for (const int32_t dtype : {PCD_DTYPE_F32, PCD_DTYPE_BF16}) {
      suite.check_identical("a fault", [&](Device& device) { return run_with_fault(device, small, fault, dtype); });
    }
  }
  return suite.finish();
}
