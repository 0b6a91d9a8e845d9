// SPDX-License-Identifier: Apache-2.0
//
// Philox4x32-10 against the known answers published with Random123 (Salmon et al., SC 2011), the transforms
// against their distributions, and the schedules and casts of the reference against figures worked out by
// hand.
#include <cmath>
#include <limits>

#include "reference/cast.h"
#include "reference/philox.h"
#include "reference/step_begin.h"
#include "support/expect.h"

namespace {

using namespace pcd::reference;
using pcd::test::expect;
using pcd::test::expect_near;

void philox_known_answers() {
  struct Answer {
    std::array<uint32_t, 4> counter;
    std::array<uint32_t, 2> key;
    std::array<uint32_t, 4> result;
  };
  const Answer answers[] = {{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
                            {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                             {0xffffffff, 0xffffffff},
                             {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
                            {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                             {0xa4093822, 0x299f31d0},
                             {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Answer& answer : answers) {
    expect(philox4x32_10(answer.counter, answer.key) == answer.result, "Philox4x32-10 known answer");
  }
}

void moments() {
  double sum = 0, square = 0, cubic = 0, fourth = 0, cross = 0, uniforms = 0;
  const int draws = 100000;
  for (uint32_t i = 0; i < draws; ++i) {
    const auto words = philox4x32_10({i, 1, 2, 3}, {4, 5});
    const auto [a, b] = normals(words[0], words[1]);
    for (double x : {a, b}) {
      sum += x;
      square += x * x;
      cubic += x * x * x;
      fourth += x * x * x * x;
    }
    cross += a * b;
    uniforms += uniform(words[2]);
  }
  const double n = 2.0 * draws;
  // Five standard errors each.
  expect(std::fabs(sum / n) < 5 / std::sqrt(n), "mean of normals");
  expect(std::fabs(square / n - 1) < 5 * std::sqrt(2 / n), "variance of normals");
  expect(std::fabs(cubic / n) < 5 * std::sqrt(15 / n), "third moment of normals");
  expect(std::fabs(fourth / n - 3) < 5 * std::sqrt(96 / n), "fourth moment of normals");
  expect(std::fabs(cross / draws) < 5 / std::sqrt(draws), "correlation of a pair");
  expect(std::fabs(uniforms / draws - 0.5) < 5 / std::sqrt(12.0 * draws), "mean of uniforms");
  expect(uniform(0) > 0 && uniform(0xffffffff) < 1, "uniforms exclude both ends");
}

void schedules() {
  StepOptions one_cycle{Schedule::one_cycle, 1.5e-3, 0, 10, 100, 1, 0.9, 0.999};
  expect_near(schedule_rate(one_cycle, 1) / 6e-5, 1, 1e-12, "one-cycle starts at peak/25");
  expect_near(schedule_rate(one_cycle, 10) / 1.5e-3, 1, 1e-12, "one-cycle at the end of warm-up");
  expect_near(schedule_rate(one_cycle, 55) / (0.5 * (1.5e-3 + 6e-9)), 1, 1e-12, "one-cycle half way down");
  expect_near(schedule_rate(one_cycle, 100) / 6e-9, 1, 1e-12, "one-cycle ends at peak/25e4");
  expect(schedule_rate(one_cycle, 1000) == schedule_rate(one_cycle, 100), "one-cycle after its end");
  one_cycle.warmup = 0;
  expect_near(schedule_rate(one_cycle, 1) / 1.5e-3, 1, 1e-12, "one-cycle without warm-up starts at the peak");
  const StepOptions cosine{Schedule::cosine, 3e-4, 1e-6, 5, 60, 1, 0.9, 0.999};
  expect(schedule_rate(cosine, 1) == 3e-4 && schedule_rate(cosine, 5) == 3e-4, "cosine holds the peak");
  expect(schedule_rate(cosine, 60) == 1e-6 && schedule_rate(cosine, 61) == 1e-6, "cosine ends at final_rate");
  for (uint64_t step = 6; step < 60; ++step) {
    expect(schedule_rate(cosine, step) < schedule_rate(cosine, step - 1), "cosine falls");
  }
}

void bf16() {
  expect(to_bf16(1.0) == 0x3F80 && to_bf16(-2.0) == 0xC000 && to_bf16(0.0) == 0 && to_bf16(-0.0) == 0x8000,
         "exact values");
  expect(to_bf16(1 + 0x1p-8) == 0x3F80 && to_bf16(1 + 3 * 0x1p-8) == 0x3F82, "ties go to even");
  expect(to_bf16(1 + 0x1p-8 + 0x1p-50) == 0x3F81, "a double just above a tie is rounded once");
  expect(to_bf16(1e39) == 0x7F80 && to_bf16(-std::numeric_limits<double>::infinity()) == 0xFF80,
         "infinities");
  expect(to_bf16(std::ldexp(255.4, 120)) == 0x7F7F && to_bf16(std::ldexp(255.5, 120)) == 0x7F80,
         "largest finite");
  expect((to_bf16(std::nan("")) & 0x7FFF) > 0x7F80, "NaN");
  expect(to_bf16(0x1p-133) == 1 && to_bf16(0x1p-134) == 0 && to_bf16(3 * 0x1p-134) == 2, "subnormals");
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const double value = from_bf16(static_cast<uint16_t>(bits));
    if (!std::isnan(value)) expect(to_bf16(value) == bits, "round trip of a bfloat16");
  }
}

}  // namespace

int main() {
  philox_known_answers();
  moments();
  schedules();
  bf16();
  return pcd::test::verdict();
}
