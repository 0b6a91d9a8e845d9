// SPDX-License-Identifier: Apache-2.0
//
// log_rms against the fp64 reference; a lead of zeros has the floor's value.
#include "reference/log_rms.h"

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

struct Data {
  reference::LogRmsShape shape;
  std::vector<float> input;

  explicit Data(const reference::LogRmsShape& s) : shape(s) {
    Random random(static_cast<uint64_t>(s.length));
    input = random.normals(s.batch * s.length * s.leads, 0.4);
    for (int64_t t = 0; t < s.length; ++t) input[t * s.leads] = 0;  // a lead that was left out
  }
};

constexpr float kScale = 1.7f;

Outputs run(Device& device, const Data& data) {
  const reference::LogRmsShape& s = data.shape;
  auto desc = descriptor<pcd_log_rms_desc>();
  desc.scale = kScale;
  desc.input = device.input(data.input, {s.batch, s.length, s.leads});
  desc.h = device.output({s.batch, s.channels});
  device.call(pcd_log_rms, desc);
  return {make_output("h", device.read(desc.h))};
}

}  // namespace

int main() {
  Suite suite("log_rms", Suite::Ops::cpu);
  const reference::LogRmsShape shapes[] = {{1, 1, 1, 1}, {3, 7, 3, 16}, {5, 256, 3, 64}, {2, 1000, 8, 8}};
  for (const auto& shape : shapes) {
    const Data data(shape);
    suite.check(
        "L " + std::to_string(shape.length) + " n " + std::to_string(shape.leads),
        [&](Device& device) { return run(device, data); },
        [&](auto type) {
          using T = decltype(type);
          return Outputs{make_output("h", reference::log_rms<T>(shape, convert<T>(data.input), T(kScale)))};
        });
  }
  return suite.finish();
}
