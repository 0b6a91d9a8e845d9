// SPDX-License-Identifier: Apache-2.0
//
// film on every backend against the fp64 reference, in place where the header allows it.
#include "reference/film.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::FilmShape shape;
  bool accumulate;  // both gradients, with the input's gradient in the memory of the output's
  bool h_grad;
  std::vector<float> input, h, parameters, output_grad, initial_h_grad, initial_grad;

  Data(const reference::FilmShape& s, bool add, bool with_h) : shape(s), accumulate(add), h_grad(with_h) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    input = random.normals(s.batch * s.length * s.channels);
    h = random.normals(s.batch * s.channels);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(static_cast<double>(s.channels)));
    output_grad = random.normals(s.batch * s.length * s.channels);
    initial_h_grad = random.normals(s.batch * s.channels);
    initial_grad = random.normals(s.parameters());
  }

  void round_activations() {
    round_to_bf16(input);
    round_to_bf16(output_grad);
  }

  std::vector<Segment> segments() const {
    return {{"weight", 2 * shape.channels * shape.channels}, {"bias", 2 * shape.channels}};
  }
};

Outputs run(Device& device, const Data& data, int32_t dtype) {
  const auto [B, L, C] = data.shape;
  auto desc = descriptor<pcd_film_desc>();
  desc.flags = data.accumulate ? PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT : 0;
  desc.input = device.input(data.input, {B, L, C}, dtype);
  desc.h = device.input(data.h, {B, C});
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_FILM, dtype, C, 0, 0, desc.parameters);
  desc.output = device.output({B, L, C}, dtype);
  if (data.accumulate) {
    desc.output_grad = desc.input_grad = device.inout(data.output_grad, {B, L, C}, dtype);
  } else {
    desc.output_grad = device.input(data.output_grad, {B, L, C}, dtype);
    desc.input_grad = device.output({B, L, C}, dtype);
  }
  if (data.h_grad) {
    desc.h_grad = data.accumulate ? device.inout(data.initial_h_grad, {B, C}) : device.output({B, C});
  }
  desc.parameter_grad = device.parameter_grad(data.shape.parameters(),
                                              data.accumulate ? data.initial_grad : std::vector<float>{});
  uint64_t saved = 0;
  device.check(pcd_film_saved_size(device.context(), &desc, &saved));
  desc.saved = device.bytes(saved);
  desc.workspace = device.workspace(pcd_film_workspace_size, desc);
  device.call(pcd_film_forward, desc);

  pcd_film_desc inference = desc;
  inference.flags = PCD_FLAG_INFERENCE;
  inference.input = inference.output = device.inout(data.input, {B, L, C}, dtype);
  inference.saved = inference.output_grad = inference.input_grad = inference.h_grad =
      inference.parameter_grad = pcd_tensor{};
  inference.workspace = device.workspace(pcd_film_workspace_size, inference);
  device.call(pcd_film_forward, inference);

  desc.workspace = device.workspace(pcd_film_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_film_backward, desc);
  Outputs outputs{make_output("output", device.read(desc.output)),
                  make_output("output, in place", device.read(inference.output)),
                  make_output("input", device.read(desc.input_grad), Kind::gradient)};
  if (data.h_grad) outputs.push_back(make_output("h", device.read(desc.h_grad), Kind::gradient));
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), h = convert<T>(data.h), parameters = convert<T>(data.parameters);
  const auto output = reference::film_forward(data.shape, input, h, parameters);
  auto gradients = reference::film_backward(data.shape, input, h, parameters, convert<T>(data.output_grad));
  if (data.accumulate) {
    for (size_t i = 0; i < gradients.h.size(); ++i) gradients.h[i] += T(data.initial_h_grad[i]);
    for (size_t i = 0; i < gradients.parameters.size(); ++i)
      gradients.parameters[i] += T(data.initial_grad[i]);
  }
  Outputs outputs{make_output("output", output), make_output("output, in place", output),
                  make_output("input", gradients.input, Kind::gradient)};
  if (data.h_grad) outputs.push_back(make_output("h", gradients.h, Kind::gradient));
  add_segments(outputs, data.segments(), gradients.parameters);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("film");
  const reference::FilmShape shapes[] = {{1, 1, 1},    {2, 2, 3},     {3, 7, 16},  {4, 50, 20}, {5, 50, 64},
                                         {2, 256, 64}, {1, 1000, 16}, {2, 7, 128}, {1, 50, 256}, {197, 3, 24}};
  for (const auto& shape : shapes) {
    for (bool accumulate : {false, true}) {
      for (bool h_grad : {true, false}) {
        const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                                  " C " + std::to_string(shape.channels) +
                                  (accumulate ? " accumulate in place" : "") + (h_grad ? "" : " no dh");
        suite.check_types(where, Data(shape, accumulate, h_grad), run,
                          [](auto type, const Data& data) { return expected(type, data); });
      }
    }
  }
  return suite.finish();
}
