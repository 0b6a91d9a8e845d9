// SPDX-License-Identifier: Apache-2.0
//
// copy on every backend: bytes of any tensor into another of equal size, of any type.
#include "support/random.h"
#include "support/suite.h"

using namespace pcd;
using namespace pcd::test;

int main() {
  Suite suite("copy");
  for (int64_t count : {1, 3, 64, 1001, 70000}) {
    Random random(static_cast<uint64_t>(count));
    const std::vector<float> values = random.normals(count);
    const Outputs expected{make_output("target", values, Kind::exact)};
    const auto run = [&](Device& device) {
      auto desc = descriptor<pcd_copy_desc>();
      desc.source = device.input(values, {count});
      desc.target = device.output({4 * count}, PCD_DTYPE_U8);
      device.call(pcd_copy, desc);
      return Outputs{
          make_output("target", Device::decode(device.read_bytes(desc.target), PCD_DTYPE_F32), Kind::exact)};
    };
    suite.check_outputs("n " + std::to_string(count), run, expected, expected, kSingle);
  }
  return suite.finish();
}
