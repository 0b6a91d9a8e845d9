// SPDX-License-Identifier: Apache-2.0
//
// multiply_add on every backend: its count of operations is that of the device, proportional to rounds.
#include "support/suite.h"

using namespace pcd;
using namespace pcd::test;

namespace {

pcd_multiply_add_desc rounds_of(Device& device, int32_t dtype, int64_t rounds) {
  auto desc = descriptor<pcd_multiply_add_desc>();
  desc.dtype = dtype;
  desc.rounds = rounds;
  desc.operations = device.output({1}, PCD_DTYPE_F64);
  return desc;
}

double operations(Device& device, int32_t dtype, int64_t rounds) {
  const auto desc = rounds_of(device, dtype, rounds);
  device.call(pcd_multiply_add, desc);
  return device.read(desc.operations)[0];
}

}  // namespace

int main() {
  Suite suite("multiply_add");
  const struct {
    const char* name;
    int32_t dtype;
  } types[] = {{"F32", PCD_DTYPE_F32}, {"BF16", PCD_DTYPE_BF16}};
  for (const auto& type : types) {
    for (int64_t rounds : {1, 2, 5}) {
      // Operations of the rounds over those of one, and whether those are a whole even number.
      const Outputs expected{make_output("ratio", std::vector<double>{static_cast<double>(rounds), 1}, Kind::exact)};
      const auto run = [&](Device& device) {
        double one = 0, all = 0;
        try {
          one = operations(device, type.dtype, 1);
          all = operations(device, type.dtype, rounds);
        } catch (const StatusError& error) {
          if (type.dtype == PCD_DTYPE_F32 || error.status != PCD_ERROR_UNSUPPORTED) throw;
          return expected;  // tensor cores before sm_80
        }
        const bool counts = one >= 2 && one == 2 * static_cast<double>(static_cast<int64_t>(one / 2));
        return Outputs{make_output("ratio", std::vector<double>{all / one, counts ? 1.0 : 0.0}, Kind::exact)};
      };
      suite.check_outputs(std::string(type.name) + ", rounds " + std::to_string(rounds), run, expected, expected,
                          kSingle);
    }
  }
  return suite.finish();
}
