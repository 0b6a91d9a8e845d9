// SPDX-License-Identifier: Apache-2.0
//
// pool_project on every backend against the fp64 reference, with every combination of gradients that may be
// absent.
#include "reference/pool_project.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Options {
  bool accumulate, projection, h_grad, z_grad;
};

struct Data {
  reference::PoolProjectShape shape;
  Options options;
  std::vector<float> input, parameters, h_grad, z_grad, initial_grad;

  Data(const reference::PoolProjectShape& s, const Options& o) : shape(s), options(o) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.length * 10 + s.channels));
    input = random.normals(s.batch * s.length * s.channels, 1.5, 0.5);
    parameters = random.normals(s.parameters(), 1 / std::sqrt(static_cast<double>(s.channels)));
    for (int64_t c = 0; c < s.channels; ++c) parameters[c] += 1;
    h_grad = random.normals(s.batch * s.channels);
    z_grad = random.normals(s.batch * s.embedding);
    initial_grad = random.normals(s.parameters());
  }

  void round_activations() { round_to_bf16(input); }

  std::vector<Segment> segments() const {
    const int64_t C = shape.channels, D = shape.embedding;
    return {{"norm.weight", C}, {"norm.bias", C},    {"0.weight", C * C},
            {"0.bias", C},      {"1.weight", D * C}, {"1.bias", D}};
  }
};

Outputs run(Device& device, const Data& data, int32_t dtype) {
  const auto [B, L, C, D] = data.shape;
  auto desc = descriptor<pcd_pool_project_desc>();
  desc.flags = data.options.accumulate ? PCD_FLAG_ACCUMULATE : 0;
  desc.input = device.input(data.input, {B, L, C}, dtype);
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_POOL_PROJECT, dtype, C, D, 0, desc.parameters);
  desc.h = device.output({B, C});
  if (data.options.projection) desc.z = device.output({B, D});
  if (data.options.h_grad) desc.h_grad = device.input(data.h_grad, {B, C});
  if (data.options.z_grad) desc.z_grad = device.input(data.z_grad, {B, D});
  desc.input_grad = device.output({B, L, C}, dtype);
  desc.parameter_grad = device.parameter_grad(
      data.shape.parameters(), data.options.accumulate ? data.initial_grad : std::vector<float>{});
  uint64_t saved = 0;
  device.check(pcd_pool_project_saved_size(device.context(), &desc, &saved));
  desc.saved = device.bytes(saved);
  desc.workspace = device.workspace(pcd_pool_project_workspace_size, desc);
  device.call(pcd_pool_project_forward, desc);

  pcd_pool_project_desc inference = desc;
  inference.flags = PCD_FLAG_INFERENCE;
  inference.h = device.output({B, C});
  if (data.options.projection) inference.z = device.output({B, D});
  inference.saved = inference.h_grad = inference.z_grad = inference.input_grad = inference.parameter_grad =
      pcd_tensor{};
  inference.workspace = device.workspace(pcd_pool_project_workspace_size, inference);
  device.call(pcd_pool_project_forward, inference);

  desc.workspace = device.workspace(pcd_pool_project_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_pool_project_backward, desc);
  Outputs outputs{make_output("h", device.read(desc.h)),
                  make_output("h, inference", device.read(inference.h))};
  if (data.options.projection) {
    outputs.push_back(make_output("z", device.read(desc.z)));
    outputs.push_back(make_output("z, inference", device.read(inference.z)));
  }
  outputs.push_back(make_output("input", device.read(desc.input_grad), Kind::gradient));
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto input = convert<T>(data.input), parameters = convert<T>(data.parameters);
  const auto output = reference::pool_project_forward(data.shape, input, parameters);
  auto gradients = reference::pool_project_backward(
      data.shape, input, parameters, data.options.h_grad ? convert<T>(data.h_grad) : std::vector<T>{},
      data.options.z_grad ? convert<T>(data.z_grad) : std::vector<T>{});
  for (size_t i = 0; i < gradients.parameters.size() && data.options.accumulate; ++i) {
    gradients.parameters[i] += T(data.initial_grad[i]);
  }
  Outputs outputs{make_output("h", output.h), make_output("h, inference", output.h)};
  if (data.options.projection) {
    outputs.push_back(make_output("z", output.z));
    outputs.push_back(make_output("z, inference", output.z));
  }
  // One channel or one dimension: what the normalisations take away is all there is.
  const double scale = data.shape.channels == 1 ? 316 : data.shape.embedding == 1 ? 1 : 0;
  outputs.push_back(make_output("input", gradients.input, Kind::gradient, scale));
  add_segments(outputs, data.segments(), gradients.parameters, scale);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("pool_project");
  const reference::PoolProjectShape shapes[] = {{1, 1, 1, 1},     {2, 2, 3, 5},     {3, 7, 16, 16},
                                                {5, 50, 20, 128}, {4, 50, 64, 128}, {2, 256, 64, 31},
                                                {1, 1000, 16, 8}, {3, 7, 128, 128}, {2, 7, 256, 128},
                                                {197, 3, 24, 40}};
  const Options all[] = {{false, true, true, true},
                         {true, true, true, true},
                         {false, true, false, true},
                         {true, true, true, false},
                         {false, false, true, false}};
  for (const auto& shape : shapes) {
    for (const Options& options : all) {
      const std::string where = "B " + std::to_string(shape.batch) + " L " + std::to_string(shape.length) +
                                " C " + std::to_string(shape.channels) + " D " +
                                std::to_string(shape.embedding) + (options.accumulate ? " accumulate" : "") +
                                (options.projection ? "" : " no z") + (options.h_grad ? " dh" : "") +
                                (options.z_grad ? " dz" : "");
      suite.check_types(where, Data(shape, options), run,
                        [](auto type, const Data& data) { return expected(type, data); });
    }
  }
  // |p| below the floor: z = p / 1e-12, and its gradient passes the normalisation by that factor. Rows
  // without variance: LN gives its bias.
  Data tiny({3, 9, 20, 33}, {false, true, true, true});
  std::fill(tiny.parameters.begin() + 2 * 20, tiny.parameters.end() - 33, 0.0f);
  for (auto bias = tiny.parameters.end() - 33; bias != tiny.parameters.end(); ++bias) *bias *= 1e-13f;
  std::fill(tiny.input.begin(), tiny.input.begin() + 2 * 9 * 20, 0.25f);
  suite.check_types("tiny projection", tiny, run,
                    [](auto type, const Data& data) { return expected(type, data); });
  return suite.finish();
}
