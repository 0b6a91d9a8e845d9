// SPDX-License-Identifier: Apache-2.0
//
// ridge on every backend: two batches into the same normal equations, against the reference in extended
// precision. The bound is a multiple of what plain fp64 makes.
#include "reference/ridge.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  int64_t batch, length, inputs, targets;
  std::vector<float> s, y;
  std::vector<double> gram, moment;

  Data(int64_t b, int64_t l, int64_t n, int64_t k) : batch(b), length(l), inputs(n), targets(k) {
    Random random(static_cast<uint64_t>(b * 1000 + l * 10 + n));
    s = random.normals(b * l * n, 1, 0.2);
    y = random.normals(b * l * k, 0.3);
    gram = random.normals<double>((n + 1) * (n + 1), 10);
    moment = random.normals<double>((n + 1) * k, 10);
  }
};

Outputs run(Device& device, const Data& data) {
  const int64_t n = data.inputs, k = data.targets;
  auto desc = descriptor<pcd_ridge_desc>();
  desc.inputs = device.input(data.s, {data.batch, data.length, n});
  desc.targets = device.input(data.y, {data.batch, data.length, k});
  desc.gram = device.inout(data.gram, {n + 1, n + 1});
  desc.moment = device.inout(data.moment, {n + 1, k});
  desc.workspace = device.workspace(pcd_ridge_workspace_size, desc);
  device.call(pcd_ridge, desc);
  device.call(pcd_ridge, desc);
  return {make_output("gram", device.read(desc.gram)), make_output("moment", device.read(desc.moment))};
}

template <typename T>
Outputs expected(const Data& data) {
  auto gram = convert<T>(data.gram), moment = convert<T>(data.moment);
  for (int batch = 0; batch < 2; ++batch) {
    reference::ridge(data.batch * data.length, data.inputs, data.targets, convert<T>(data.s),
                     convert<T>(data.y), gram, moment);
  }
  return {make_output("gram", gram), make_output("moment", moment)};
}

}  // namespace

int main() {
  Suite suite("ridge");
  for (const auto& [b, l, n, k] : {std::array<int64_t, 4>{1, 1, 1, 1},
                                   {2, 2, 3, 5},
                                   {3, 7, 2, 9},
                                   {5, 50, 3, 5},
                                   {4, 256, 3, 5},
                                   {1, 1000, 16, 3},
                                   {2, 33, 7, 16},
                                   {128, 256, 3, 5}}) {
    const Data data(b, l, n, k);
    const std::string where = "B " + std::to_string(b) + " L " + std::to_string(l) + " n " +
                              std::to_string(n) + " T " + std::to_string(k);
    suite.check_outputs(
        where, [&](Device& device) { return run(device, data); }, expected<long double>(data),
        expected<double>(data), kDouble);
  }
  return suite.finish();
}
