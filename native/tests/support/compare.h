// SPDX-License-Identifier: Apache-2.0
//
// What an op puts out, and how far it may lie from the fp64 reference.
//
// The error of a tensor is max|actual - reference| / max|reference|. It may be at most a few times the error
// of the naive computation in the same precision: the reference in float, or, for BF16 storage, the reference
// with parameters rounded to BF16. A naive error below some units in the last place counts as those units,
// more of them where a tensor is so small that the naive error may be small by luck. A bound so large that it
// would judge nothing is a fault of the test.
#ifndef PCD_TESTS_SUPPORT_COMPARE_H
#define PCD_TESTS_SUPPORT_COMPARE_H

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace pcd::test {

enum class Kind { value, gradient, exact };

struct Output {
  std::string name;
  std::vector<double> values;
  Kind kind = Kind::value;
  double scale = 0;  // of the reference: the least magnitude errors are relative to, where values cancel out
};

using Outputs = std::vector<Output>;

// A piece [begin, begin + count) of a flat buffer under a name of its own, so that a small tensor is not
// judged by the scale of a large one.
struct Segment {
  std::string name;
  int64_t count;
};

template <typename T>
void add_segments(Outputs& outputs, const std::vector<Segment>& segments, const std::vector<T>& flat,
                  double scale = 0, Kind kind = Kind::gradient) {
  auto from = flat.begin();
  for (const Segment& segment : segments) {
    outputs.push_back({segment.name, std::vector<double>(from, from + segment.count), kind, scale});
    from += segment.count;
  }
}

template <typename T>
Output make_output(const std::string& name, const std::vector<T>& values, Kind kind = Kind::value,
                   double scale = 0) {
  return {name, std::vector<double>(values.begin(), values.end()), kind, scale};
}

// Exactly equal values, both not-a-number included (infinities are values of statistics).
inline bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Infinite when an element is missing, not finite where the reference is, or differs where the reference is
// all 0.
inline double relative_error(const std::vector<double>& actual, const Output& reference) {
  const std::vector<double>& expected = reference.values;
  if (actual.size() != expected.size()) return INFINITY;
  double scale = reference.scale, worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(expected[i])) {
      if (!same(actual[i], expected[i])) return INFINITY;
      continue;
    }
    if (!std::isfinite(actual[i])) return INFINITY;
    scale = std::max(scale, std::fabs(expected[i]));
    worst = std::max(worst, std::fabs(actual[i] - expected[i]));
  }
  return worst == 0 ? 0 : worst / scale;
}

struct Precision {
  double factor;  // allowed multiple of the naive error
  double floor;   // naive errors below count as this
  double widest;  // bound that a case may need

  double bound(double naive_error, size_t elements) const {
    return factor * std::max(naive_error, floor * (1 + 8 / std::sqrt(static_cast<double>(elements))));
  }
};

constexpr Precision kSingle{6, 0x1p-23, 1e-3};
constexpr Precision kBfloat{4, 0x1p-8, 0.5};
constexpr Precision kDouble{6, 0x1p-52, 1e-11};

template <typename To, typename From>
std::vector<To> convert(const std::vector<From>& values) {
  return std::vector<To>(values.begin(), values.end());
}

}  // namespace pcd::test

#endif
