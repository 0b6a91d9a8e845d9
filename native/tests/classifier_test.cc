// SPDX-License-Identifier: Apache-2.0
//
// classifier on every backend against the fp64 reference: large logits, label counts that are no multiple of
// 64, and logits alone.
#include "reference/classifier.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Options {
  bool accumulate, state, h_grad;
  double logit_scale;
};

struct Data {
  reference::ClassifierShape shape;
  Options options;
  int64_t words;
  std::vector<float> h, parameters, initial_h_grad, initial_grad;
  std::vector<uint64_t> labels;
  float weight = 0.01f, gradient_scale = 0.5f;

  Data(const reference::ClassifierShape& s, const Options& o)
      : shape(s), options(o), words((s.labels + 63) / 64) {
    Random random(static_cast<uint64_t>(s.batch * 1000 + s.channels * 10 + s.labels));
    h = random.normals(s.batch * s.channels);
    parameters = random.normals(s.parameters(), o.logit_scale / std::sqrt(static_cast<double>(s.channels)));
    // Of the size of the gradients that are added to them.
    const double scale = weight * gradient_scale / static_cast<double>(s.batch * s.labels);
    initial_h_grad = random.normals(s.batch * s.channels, scale);
    initial_grad = random.normals(s.parameters(), scale);
    for (int64_t i = 0; i < s.batch * words; ++i) labels.push_back(random.word() & random.word());
  }

  std::vector<Segment> segments() const {
    return {{"weight", shape.labels * shape.channels}, {"bias", shape.labels}};
  }
};

Outputs run(Device& device, const Data& data) {
  const auto [B, C, K] = data.shape;
  auto desc = descriptor<pcd_classifier_desc>();
  desc.flags = data.options.accumulate ? PCD_FLAG_ACCUMULATE | PCD_FLAG_ACCUMULATE_INPUT : 0;
  desc.gradient_scale = data.gradient_scale;
  desc.h = device.input(data.h, {B, C});
  desc.parameters = device.parameters(data.parameters);
  desc.packed = device.pack(PCD_OP_CLASSIFIER, PCD_DTYPE_F32, C, K, 0, desc.parameters);
  if (data.options.state) {
    pcd_step_state state{};
    state.weight_classifier = data.weight;
    state.weight_contrastive = state.weight_reconstruction = 100;
    desc.state = device.input(as_bytes(state), {sizeof state});
  }
  pcd_classifier_desc alone = desc;
  alone.logits = device.output({B, K});
  alone.workspace = device.workspace(pcd_classifier_workspace_size, alone);
  device.call(pcd_classifier_forward, alone);

  desc.labels = device.input(data.labels, {B, data.words});
  desc.logits = device.output({B, K});
  desc.loss = device.output({1});
  if (data.options.h_grad) {
    desc.h_grad = data.options.accumulate ? device.inout(data.initial_h_grad, {B, C}) : device.output({B, C});
  }
  desc.parameter_grad = device.parameter_grad(
      data.shape.parameters(), data.options.accumulate ? data.initial_grad : std::vector<float>{});
  desc.workspace = device.workspace(pcd_classifier_workspace_size, desc);
  device.call(pcd_classifier_forward, desc);
  desc.workspace = device.workspace(pcd_classifier_workspace_size, desc);  // nothing survives in the first
  device.call(pcd_classifier_backward, desc);
  Outputs outputs{make_output("logits", device.read(desc.logits)),
                  make_output("logits alone", device.read(alone.logits)),
                  make_output("loss", device.read(desc.loss))};
  if (data.options.h_grad) outputs.push_back(make_output("h", device.read(desc.h_grad), Kind::gradient));
  add_segments(outputs, data.segments(), device.read(desc.parameter_grad));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  const auto h = convert<T>(data.h), parameters = convert<T>(data.parameters);
  const auto logits = reference::classifier_logits(data.shape, h, parameters);
  const T scale = T(data.gradient_scale) * (data.options.state ? T(data.weight) : T(1));
  auto gradients =
      reference::classifier_backward(data.shape, h, parameters, logits, data.labels, data.words, scale);
  if (data.options.accumulate) {
    for (size_t i = 0; i < gradients.h.size(); ++i) gradients.h[i] += T(data.initial_h_grad[i]);
    for (size_t i = 0; i < gradients.parameters.size(); ++i)
      gradients.parameters[i] += T(data.initial_grad[i]);
  }
  const std::vector<T> loss{reference::classifier_loss(data.shape, logits, data.labels, data.words)};
  // A label that a large logit gets right leaves 1 - 1 of the sigmoid, and nothing of the loss.
  const double size = scale / static_cast<double>(data.shape.batch * data.shape.labels);
  Outputs outputs{make_output("logits", logits), make_output("logits alone", logits),
                  make_output("loss", loss, Kind::value, 1)};
  if (data.options.h_grad) outputs.push_back(make_output("h", gradients.h, Kind::gradient, size));
  add_segments(outputs, data.segments(), gradients.parameters, size);
  return outputs;
}

}  // namespace

int main() {
  Suite suite("classifier");
  const reference::ClassifierShape shapes[] = {{1, 1, 1},    {2, 3, 5},     {5, 16, 71},   {3, 20, 64},
                                               {7, 64, 128}, {128, 64, 23}, {50, 128, 12}, {3, 256, 200},
                                               {331, 72, 70}};
  const Options all[] = {
      {false, false, true, 1}, {true, true, true, 1}, {false, true, false, 1}, {false, true, true, 60}};
  for (const auto& shape : shapes) {
    for (const Options& options : all) {
      const Data data(shape, options);
      const std::string where = "B " + std::to_string(shape.batch) + " C " + std::to_string(shape.channels) +
                                " K " + std::to_string(shape.labels) +
                                (options.accumulate ? " accumulate" : "") + (options.state ? " state" : "") +
                                (options.h_grad ? "" : " no dh") +
                                (options.logit_scale > 1 ? " large logits" : "");
      suite.check(
          where, [&](Device& device) { return run(device, data); },
          [&](auto type) { return expected(type, data); });
    }
  }
  return suite.finish();
}
