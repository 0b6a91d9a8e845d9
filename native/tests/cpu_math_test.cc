// SPDX-License-Identifier: Apache-2.0
//
// The elementary functions of the CPU backend keep the errors that cpu/math.h states, on every instruction
// set that this build and this machine have.
#include "cpu_math_errors.h"

#include <cstring>

#include "precordia/precordia.h"
#include "support/expect.h"

namespace {

using namespace pcd::test;

bool machine_has(const char* instruction_set) {
  pcd_context_desc desc{};
  desc.struct_size = sizeof desc;
  desc.backend = PCD_BACKEND_CPU;
  desc.threads = 1;
  std::strncpy(desc.instruction_set, instruction_set, sizeof desc.instruction_set - 1);
  pcd_context* context = nullptr;
  if (pcd_context_create(&desc, &context, nullptr, 0) != PCD_OK) return false;
  pcd_context_destroy(context);
  return true;
}

// `factor`: how far a bound may be exceeded; an instruction set without FMA rounds products too.
void test(const char* name, MathErrors (*measure)(), double factor) {
  if (!machine_has(name)) {
    std::printf("%s: not on this machine\n", name);
    return;
  }
  const MathErrors e = measure();
  const auto hold = [&](const char* what, double error, double bound) {
    std::printf("%-9s %-16s %9.2e of %.2e\n", name, what, error, bound * factor);
    expect(error <= bound * factor, std::string(name) + " " + what + ": error above what cpu/math.h states");
  };
  hold("exp", e.exp, 2);
  hold("log", e.log, 2);
  hold("log1p", e.log1p, 3);
  hold("sigmoid", e.sigmoid, 3);
  hold("softplus", e.softplus, 4);
  hold("gelu", e.gelu, 2e-7);
  hold("gelu derivative", e.gelu_derivative, 4e-7);
  hold("quick gelu", e.quick_gelu, 3e-5);
  hold("quick derivative", e.quick_gelu_derivative, 5e-5);
  expect(e.wrong_special_values == 0, std::string(name) + ": a special value is not as documented");
  expect(e.wrong_sums == 0, std::string(name) + ": sum4 differs from sum");
}

}  // namespace

int main() {
#if defined(PCD_HAVE_AVX512VNNI)
  test("avx512vnni", math_errors_avx512vnni, 1);
#endif
#if defined(PCD_HAVE_AVX512)
  test("avx512", math_errors_avx512, 1);
#endif
#if defined(PCD_HAVE_AVX2)
  test("avx2", math_errors_avx2, 1);
#endif
#if defined(PCD_HAVE_BASELINE)
  test("baseline", math_errors_baseline, 1.5);
#endif
  return verdict();
}
