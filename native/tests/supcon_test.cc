// SPDX-License-Identifier: Apache-2.0
//
// supcon on every backend against the fp64 reference: the three targets, groups, views only, empty masks,
// rows without positives, large logits, and rows owned by several ranks.
#include "reference/supcon.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

enum class Labels { sparse, classes, disjoint, none };

struct Data {
  reference::SupConProblem problem;
  std::vector<float> z;
  std::vector<int64_t> bounds;  // of the ranks' rows, from 0 to N
  bool state = true;
  bool fast_products = false;
  float weight = 0.01f;

  Data(int64_t n, int64_t d, int64_t words, reference::SupConTarget target, float temperature, Labels labels,
       bool groups, bool views_only, std::vector<int64_t> cuts) {
    Random random(static_cast<uint64_t>(n * 1000 + d));
    problem.entries = n;
    problem.dimensions = d;
    problem.target = target;
    problem.temperature = temperature;
    problem.views_only = views_only;
    problem.words = words;
    problem.labels.assign(static_cast<size_t>(n * words), 0);
    for (int64_t i = 0; i < n && words > 0; ++i) {
      const auto mark = [&](int64_t bit) {
        problem.labels[i * words + bit / 64] |= uint64_t{1} << (bit % 64);
      };
      // Both views of a window carry the same labels.
      const int64_t window = groups ? i / 2 : i;
      Random own(static_cast<uint64_t>(window + 77));
      if (labels == Labels::classes) mark(window % 5 * 12 % (64 * words));
      if (labels == Labels::disjoint) mark(window % (64 * words));
      if (labels == Labels::sparse && window % 6 != 5) {
        for (int k = 0; k < 1 + window % 4; ++k) mark(own.below(64 * words / 7) * 7);
      }
    }
    if (groups) {
      for (int64_t i = 0; i < n; ++i) problem.groups.push_back(static_cast<int32_t>(1000 + i / 2));
    }
    // Clustered embeddings of length 1, so that similarities reach from -1/τ to nearly 1/τ.
    for (int64_t i = 0; i < n; ++i) {
      Random centre(static_cast<uint64_t>(i % 4));
      std::vector<double> row(static_cast<size_t>(d));
      double square = 0;
      for (double& x : row) {
        x = centre.normal() + 0.3 * random.normal();
        square += x * x;
      }
      for (double x : row) z.push_back(static_cast<float>(x / std::sqrt(square)));
    }
    bounds = std::move(cuts);
    bounds.insert(bounds.begin(), 0);
    bounds.push_back(n);
  }
};

int32_t target_code(reference::SupConTarget target) {
  switch (target) {
    case reference::SupConTarget::any:
      return PCD_SUPCON_ANY;
    case reference::SupConTarget::out:
      return PCD_SUPCON_OUT;
    default:
      return PCD_SUPCON_JACCARD;
  }
}

// Columns of the statistics, then the losses, then the gradient.
template <typename T>
void add_outputs(Outputs& outputs, const std::vector<T>& statistics, const std::vector<T>& losses,
                 const std::vector<T>& gradient, double gradient_scale = 0) {
  const char* names[] = {"logsumexp", "logsumexp positive", "weights", "row loss"};
  for (size_t column = 0; column < 4; ++column) {
    std::vector<T> values;
    for (size_t i = column; i < statistics.size(); i += 4) values.push_back(statistics[i]);
    outputs.push_back(make_output(names[column], values, Kind::value, 1));
  }
  outputs.push_back(make_output("loss", losses, Kind::value, 1));
  outputs.push_back(make_output("z", gradient, Kind::gradient, gradient_scale));
}

Outputs run(Device& device, const Data& data) {
  const auto& problem = data.problem;
  const int64_t n = problem.entries, d = problem.dimensions;
  auto desc = descriptor<pcd_supcon_desc>();
  if (problem.views_only) desc.flags |= PCD_FLAG_VIEWS_ONLY;
  if (data.fast_products) desc.flags |= PCD_FLAG_FAST_PRODUCTS;
  desc.target = target_code(problem.target);
  desc.temperature = static_cast<float>(problem.temperature);
  desc.z = device.input(data.z, {n, d});
  if (problem.words > 0) desc.labels = device.input(problem.labels, {n, problem.words});
  if (!problem.groups.empty()) desc.groups = device.input(problem.groups, {n});
  pcd_step_state state{};
  state.weight_contrastive = data.weight;
  state.anchors = -1;
  if (data.state) desc.state = device.inout(as_bytes(state), {sizeof state});
  desc.statistics = device.output({n, 4});
  std::vector<double> losses, gradient;
  const auto anchors = [&] { return from_bytes<pcd_step_state>(device.read_bytes(desc.state)).anchors; };
  for (size_t rank = 0; rank + 1 < data.bounds.size(); ++rank) {
    desc.row_begin = data.bounds[rank];
    desc.row_end = data.bounds[rank + 1];
    desc.loss = device.output({3});
    desc.workspace = device.workspace(pcd_supcon_workspace_size, desc);
    device.call(pcd_supcon_forward, desc);
    const auto loss = device.read(desc.loss);
    losses.insert(losses.end(), loss.begin(), loss.end());
    if (data.state && anchors() != static_cast<int32_t>(loss[2])) {
      throw std::runtime_error("state.anchors after forward is " + std::to_string(anchors()));
    }
    const auto statistics = device.read(desc.statistics);
    for (size_t i = static_cast<size_t>(4 * desc.row_end); i < statistics.size(); ++i) {
      if (!std::isnan(statistics[i]))
        throw std::runtime_error("forward wrote statistics of a row that is not its own");
    }
  }
  double all = 0;
  for (size_t i = 2; i < losses.size(); i += 3) all += losses[i];
  for (size_t rank = 0; rank + 1 < data.bounds.size(); ++rank) {
    desc.row_begin = data.bounds[rank];
    desc.row_end = data.bounds[rank + 1];
    desc.loss = pcd_tensor{};
    desc.z_grad = device.output({desc.row_end - desc.row_begin, d});
    desc.workspace = device.workspace(pcd_supcon_workspace_size, desc);
    device.call(pcd_supcon_backward, desc);
    const auto part = device.read(desc.z_grad);
    gradient.insert(gradient.end(), part.begin(), part.end());
    if (data.state && anchors() != static_cast<int32_t>(all)) {
      throw std::runtime_error("state.anchors after backward is " + std::to_string(anchors()));
    }
  }
  Outputs outputs;
  add_outputs(outputs, device.read(desc.statistics), losses, gradient);
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  reference::SupConProblem problem = data.problem;
  problem.temperature = static_cast<float>(problem.temperature);
  const auto z = convert<T>(data.z);
  std::vector<T> losses;
  for (size_t rank = 0; rank + 1 < data.bounds.size(); ++rank) {
    const auto loss = reference::supcon_loss(
        reference::supcon_statistics(problem, z, data.bounds[rank], data.bounds[rank + 1]));
    losses.insert(losses.end(), {loss.mean, loss.sum, T(loss.anchors)});
  }
  const T weight = data.state ? T(data.weight) : T(1);
  const auto statistics = reference::supcon_statistics(problem, z, 0, problem.entries);
  // Of two entries softmax and target are both 1. Their difference is then the rounding of the statistics,
  // numbers of the size of 1/τ in fp32, times the gradient's factor of 1/τ.
  const double scale = problem.entries == 2 ? weight / (problem.temperature * problem.temperature) : 0;
  Outputs outputs;
  add_outputs(outputs, statistics, losses, reference::supcon_gradient(problem, z, 0, problem.entries, weight),
              scale);
  return outputs;
}

}  // namespace

int main() {
  using reference::SupConTarget;
  Suite suite("supcon");
  const std::pair<SupConTarget, const char*> targets[] = {
      {SupConTarget::any, "any"}, {SupConTarget::out, "out"}, {SupConTarget::jaccard, "jaccard"}};
  const auto check = [&](const std::string& name, const Data& data, Precision precision = kSingle) {
    const std::string where = name + " N " + std::to_string(data.problem.entries) + " D " +
                              std::to_string(data.problem.dimensions) + " W " +
                              std::to_string(data.problem.words);
    suite.check(
        where, [&](Device& device) { return run(device, data); },
        [&](auto type) { return expected(type, data); }, precision);
  };
  for (const auto& [target, name] : targets) {
    for (int64_t n : {2, 7, 33, 50, 128, 300}) {
      check(name, Data(n, std::min<int64_t>(n, 128), 1 + n % 4, target, 0.07f, Labels::sparse, n % 2 == 0,
                       false, {}));
    }
    check(std::string(name) + " classes", Data(96, 20, 2, target, 0.07f, Labels::classes, false, false, {}));
    check(std::string(name) + " large logits",
          Data(60, 16, 2, target, 0.0255f, Labels::sparse, true, false, {}));
    check(std::string(name) + " ranks",
          Data(130, 31, 2, target, 0.07f, Labels::sparse, true, false, {1, 37, 100}));
    check(std::string(name) + " views only", Data(64, 32, 2, target, 0.07f, Labels::sparse, true, true, {}));
    check(std::string(name) + " views only, no labels",
          Data(66, 32, 0, target, 0.07f, Labels::none, true, true, {5}));
    check(std::string(name) + " no anchors",
          Data(40, 8, 1, target, 0.07f, Labels::disjoint, false, false, {}));
    check(std::string(name) + " unlabelled", Data(40, 8, 1, target, 0.07f, Labels::none, true, false, {}));
    check(std::string(name) + " one entry", Data(1, 8, 1, target, 0.07f, Labels::classes, false, false, {}));
    for (const bool groups : {true, false}) {
      Data fast(150, 128, 2, target, 0.07f, Labels::sparse, groups, false, {77});
      fast.fast_products = true;
      check(std::string(name) + (groups ? " fast products, groups" : " fast products"), fast,
            Precision{4, 0x1p-11, 1e-2});
    }
    check(std::string(name) + " wide", Data(150, 160, 4, target, 0.07f, Labels::sparse, true, false, {}));
    check(std::string(name) + " many", Data(460, 128, 2, target, 0.07f, Labels::sparse, false, false, {201}));
    Data stateless(50, 64, 2, target, 0.1f, Labels::sparse, true, false, {});
    stateless.state = false;
    check(std::string(name) + " no state", stateless);
  }
  return suite.finish();
}
