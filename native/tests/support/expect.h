// SPDX-License-Identifier: Apache-2.0
//
// Counting expectations: a test program goes on after a failure, prints each and returns their number as its
// verdict.
#ifndef PCD_TESTS_SUPPORT_EXPECT_H
#define PCD_TESTS_SUPPORT_EXPECT_H

#include <cmath>
#include <cstdio>
#include <string>

namespace pcd::test {

inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(const std::string& sentence) {
  ++failures();
  std::printf("FAILED: %s\n", sentence.c_str());
}

inline void expect(bool holds, const std::string& sentence) {
  if (!holds) fail(sentence);
}

// |actual - expected| <= tolerance · max(1, |expected|); NaN never holds.
inline void expect_near(double actual, double expected, double tolerance, const std::string& what) {
  if (std::fabs(actual - expected) <= tolerance * std::fmax(1, std::fabs(expected))) return;
  char text[160];
  std::snprintf(text, sizeof text, ": %.17g instead of %.17g, tolerance %.3g", actual, expected, tolerance);
  fail(what + text);
}

inline int verdict() {
  std::printf(failures() == 0 ? "passed\n" : "%d expectations failed\n", failures());
  return failures() == 0 ? 0 : 1;
}

}  // namespace pcd::test

#endif
