// SPDX-License-Identifier: Apache-2.0
//
// fill on every backend: every type, every element, nothing beside.
#include "support/suite.h"

using namespace pcd;
using namespace pcd::test;

int main() {
  Suite suite("fill");
  const struct {
    const char* name;
    int32_t dtype;
    double value, stored;
  } cases[] = {{"F32", PCD_DTYPE_F32, 0.1, static_cast<double>(0.1f)},
               {"F32 zero", PCD_DTYPE_F32, 0, 0},
               {"BF16", PCD_DTYPE_BF16, 0.1, reference::from_bf16(reference::to_bf16(0.1))},
               {"F64", PCD_DTYPE_F64, 0.1, 0.1},
               {"I16", PCD_DTYPE_I16, -32768, -32768},
               {"I32", PCD_DTYPE_I32, 2147483647, 2147483647},
               {"I64", PCD_DTYPE_I64, -5e9, -5e9},
               {"U64", PCD_DTYPE_U64, 1e18, 1e18},
               {"U8", PCD_DTYPE_U8, 255, 255}};
  for (const auto& c : cases) {
    for (int64_t count : {1, 7, 1000, 40001}) {
      const Outputs expected{
          make_output("tensor", std::vector<double>(static_cast<size_t>(count), c.stored), Kind::exact)};
      const auto run = [&](Device& device) {
        auto desc = descriptor<pcd_fill_desc>();
        desc.value = c.value;
        desc.tensor = device.output({count}, c.dtype);
        device.call(pcd_fill, desc);
        return Outputs{make_output("tensor", device.read(desc.tensor), Kind::exact)};
      };
      suite.check_outputs(std::string(c.name) + " n " + std::to_string(count), run, expected, expected,
                          kSingle);
    }
  }
  return suite.finish();
}
