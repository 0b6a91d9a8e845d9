// SPDX-License-Identifier: Apache-2.0
//
// Seeded test data, the same everywhere: SplitMix64 (Steele, Lea & Flood 2014) and Box–Muller normals.
#ifndef PCD_TESTS_SUPPORT_RANDOM_H
#define PCD_TESTS_SUPPORT_RANDOM_H

#include <cmath>
#include <cstdint>
#include <vector>

namespace pcd::test {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t word() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  int64_t below(int64_t n) { return static_cast<int64_t>(word() % static_cast<uint64_t>(n)); }

  double uniform() { return (static_cast<double>(word() >> 11) + 0.5) * 0x1p-53; }

  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

  // N(mean, scale) rounded to T.
  template <typename T = float>
  std::vector<T> normals(int64_t count, double scale = 1, double mean = 0) {
    std::vector<T> values(static_cast<size_t>(count));
    for (T& value : values) value = static_cast<T>(mean + scale * normal());
    return values;
  }

 private:
  uint64_t state_;
};

}  // namespace pcd::test

#endif
