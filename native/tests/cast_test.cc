// SPDX-License-Identifier: Apache-2.0
//
// cast on every backend: F32, BF16 and F64 in every direction with one rounding to nearest even, ties,
// subnormals, infinities and NaN; every BF16 value; equal types of any kind.
#include "reference/cast.h"

#include <limits>

#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

double round_to(double value, int32_t dtype) {
  if (dtype == PCD_DTYPE_F32) return static_cast<double>(static_cast<float>(value));
  return dtype == PCD_DTYPE_BF16 ? reference::from_bf16(reference::to_bf16(value)) : value;
}

// Values of a type that make rounding to the others hard, as doubles.
std::vector<double> values_of(int32_t dtype) {
  std::vector<double> values;
  Random random(5);
  for (uint32_t bits = 0; bits < 0x10000; ++bits)
    values.push_back(reference::from_bf16(static_cast<uint16_t>(bits)));
  for (int i = 0; i < 2000; ++i) {
    const double base = std::ldexp(1 + random.uniform(), static_cast<int>(random.below(300)) - 150);
    const double half = std::ldexp(1.0, std::ilogb(base) - 8);  // half a BF16 unit
    const double tie = std::floor(base / half) * half;
    for (double v :
         {base, tie, tie * (1 + 0x1p-40), tie * (1 - 0x1p-40), tie * (1 + 0x1p-22), tie * (1 - 0x1p-22)}) {
      values.push_back(i % 2 == 0 ? v : -v);
    }
  }
  for (double v :
       {0.0, 1e39, 3.4e38, 3.39e38, 3.3953e38, 1e-46, 0x1p-134, 0x1p-149, 0x1p-150, 1e300, 1e-300}) {
    values.insert(values.end(), {v, -v});
  }
  values.push_back(std::numeric_limits<double>::infinity());
  for (double& value : values) value = round_to(value, dtype);
  return values;
}

}  // namespace

int main() {
  Suite suite("cast");
  const std::pair<int32_t, const char*> types[] = {
      {PCD_DTYPE_F32, "F32"}, {PCD_DTYPE_BF16, "BF16"}, {PCD_DTYPE_F64, "F64"}};
  for (const auto& [source, source_name] : types) {
    const std::vector<double> values = values_of(source);
    const int64_t count = static_cast<int64_t>(values.size());
    for (const auto& [target, target_name] : types) {
      std::vector<double> rounded;
      for (double value : values) rounded.push_back(round_to(value, target));
      const Outputs expected{make_output("target", rounded, Kind::exact)};
      const auto run = [&, source = source, target = target](Device& device) {
        auto desc = descriptor<pcd_cast_desc>();
        desc.source = source == PCD_DTYPE_F32 ? device.input(convert<float>(values), {count})
                                              : device.input(values, {count}, source);
        desc.target = device.output({count}, target);
        device.call(pcd_cast, desc);
        return Outputs{make_output("target", device.read(desc.target), Kind::exact)};
      };
      suite.check_outputs(std::string(source_name) + " to " + target_name, run, expected, expected, kSingle);
    }
  }
  const std::vector<int16_t> integers{-32768, -1, 0, 1, 32767};
  const Outputs expected{make_output("target", integers, Kind::exact)};
  suite.check_outputs(
      "I16 to I16",
      [&](Device& device) {
        auto desc = descriptor<pcd_cast_desc>();
        desc.source = device.input(integers, {5});
        desc.target = device.output({5}, PCD_DTYPE_I16);
        device.call(pcd_cast, desc);
        return Outputs{make_output("target", device.read(desc.target), Kind::exact)};
      },
      expected, expected, kSingle);
  return suite.finish();
}
