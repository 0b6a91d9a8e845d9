// SPDX-License-Identifier: Apache-2.0
//
// Largest errors of cpu/math.h against fp64, measured in code compiled for one instruction set.
#ifndef PCD_TESTS_CPU_MATH_ERRORS_H
#define PCD_TESTS_CPU_MATH_ERRORS_H

namespace pcd::test {

struct MathErrors {
  // Units in the last place of the exact result.
  double exp, log, log1p, sigmoid, softplus;
  // |error| / |v|, and |error|.
  double gelu, gelu_derivative, quick_gelu, quick_gelu_derivative;
  // Results for arguments at and beyond the ends of the range that are not as documented.
  int wrong_special_values;
  // Vector sums whose bits differ from the sum of the four-row form.
  int wrong_sums;
};

// Where the build compiles the instruction set.
MathErrors math_errors_avx512vnni();
MathErrors math_errors_avx512();
MathErrors math_errors_avx2();
MathErrors math_errors_baseline();

}  // namespace pcd::test

#endif
