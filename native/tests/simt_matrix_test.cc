// SPDX-License-Identifier: Apache-2.0
//
// The SIMT executor's matrix instructions and number formats against plain loops: fragments are filled and
// read by the places that kernels/common/mma.cuh documents.
#include <cmath>
#include <limits>
#include <vector>

#include "support/random.h"
#include "support/simt.h"

namespace {

using namespace pcd::test;
using namespace pcd::kernels;
using pcd::simt::Format;

uint16_t rounded(Format format, double x) {
  const float value = static_cast<float>(x);
  return format == Format::bf16 ? pcd::simt::float_to_bf16(value) : pcd::simt::float_to_half(value);
}

std::vector<uint16_t> random_elements(Format format, size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<uint16_t> elements(count);
  for (uint16_t& element : elements) element = rounded(format, random.normal());
  return elements;
}

uint32_t pair(const uint16_t* first, int stride) {
  return static_cast<uint32_t>(first[stride]) << 16 | first[0];
}

// a [16][16] row by row, b [8 columns][16], d [16][8]; each warp of the block does the same.
template <Format kFormat>
PCD_KERNEL void multiply(const uint16_t* a, const uint16_t* b, float* d) {
  const int lane = threadIdx.x % kWarp, g = lane / 4, q = lane % 4;
  const uint32_t fragment[4] = {pair(a + g * 16 + 2 * q, 1), pair(a + (g + 8) * 16 + 2 * q, 1),
                                pair(a + g * 16 + 2 * q + 8, 1), pair(a + (g + 8) * 16 + 2 * q + 8, 1)};
  const uint32_t b0 = pair(b + g * 16 + 2 * q, 1), b1 = pair(b + g * 16 + 2 * q + 8, 1);
  d += threadIdx.x / kWarp * 128;
  float sums[4];
  for (int i = 0; i < 4; ++i) sums[i] = d[(g + i / 2 * 8) * 8 + 2 * q + i % 2];
  if constexpr (kFormat == Format::bf16) {
    mma_bf16(sums, fragment, b0, b1);
  } else {
    mma_f16(sums, fragment, b0, b1);
  }
  for (int i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + 2 * q + i % 2] = sums[i];
}

// The same with operands through shared memory: a as it is, b [16][8 columns] transposed by ldmatrix, twice.
PCD_KERNEL void multiply_from_shared(const uint16_t* a, const uint16_t* b, float* d) {
  PCD_DYNAMIC_SHARED(uint16_t, shared, 16);
  const int lane = threadIdx.x, g = lane / 4, q = lane % 4;
  for (int i = lane; i < 256; i += kWarp) shared[i] = a[i];
  for (int i = lane; i < 128; i += kWarp) shared[256 + i] = b[i % 8 * 16 + i / 8];
  __syncwarp();
  uint32_t fragment[4], columns[4];
  const int row = lane % 8 + lane / 8 % 2 * 8;
  load_matrices(shared_address(shared + row * 16 + lane / 16 * 8), fragment);
  load_matrices_transposed(shared_address(shared + 256 + row * 8), columns);
  float sums[4] = {};
  mma_bf16(sums, fragment, columns[0], columns[1]);
  mma_bf16(sums, fragment, columns[2], columns[3]);
  for (int i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + 2 * q + i % 2] = sums[i];
}

template <Format kFormat>
void products() {
  const auto a = random_elements(kFormat, 256, 1), b = random_elements(kFormat, 128, 2);
  std::vector<float> d = Random(3).normals(2 * 128);
  const std::vector<float> before = d;
  expect_passes(launch(multiply<kFormat>, 1, 64, 0, a.data(), b.data(), d.data()), "mma");
  std::vector<float> twice(128, 0.0f);
  const bool through_shared = kFormat == Format::bf16;
  if (through_shared) {
    expect_passes(launch(multiply_from_shared, 1, 32, 768, a.data(), b.data(), twice.data()),
                  "ldmatrix and mma");
  }
  for (size_t i = 0; i < 128; ++i) {
    double sum = 0;
    for (size_t k = 0; k < 16; ++k) {
      sum += static_cast<double>(pcd::simt::to_float(kFormat, a[i / 8 * 16 + k])) *
             static_cast<double>(pcd::simt::to_float(kFormat, b[i % 8 * 16 + k]));
    }
    for (size_t warp = 0; warp < 2; ++warp) {
      const size_t at = warp * 128 + i;
      expect_near(d[at], static_cast<double>(before[at]) + sum, 2e-6, "mma element " + std::to_string(at));
    }
    if (through_shared) {
      expect_near(twice[i], 2 * sum, 4e-6, "mma from shared memory, element " + std::to_string(i));
    }
  }
}

// a [16][4 words], b [8][4 words].
PCD_KERNEL void count_bits(const uint32_t* a, const uint32_t* b, int32_t* d) {
  const int g = threadIdx.x / 4, q = threadIdx.x % 4;
  const uint32_t sets[2] = {a[g * 4 + q], a[(g + 8) * 4 + q]};
  int32_t counts[4] = {0, 1, 2, 3};
  mma_and_popc(counts, sets, b[g * 4 + q]);
  for (int i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + 2 * q + i % 2] = counts[i] - i;
}

void bit_sets() {
  Random random(4);
  std::vector<uint32_t> a(64), b(32);
  for (uint32_t& word : a) word = static_cast<uint32_t>(random.word());
  for (uint32_t& word : b) word = static_cast<uint32_t>(random.word());
  std::vector<int32_t> d(128);
  expect_passes(launch(count_bits, 1, 32, 0, a.data(), b.data(), d.data()), "mma of bits");
  for (size_t i = 0; i < 128; ++i) {
    int32_t count = 0;
    for (size_t bit = 0; bit < 128; ++bit) {
      count +=
          static_cast<int32_t>(a[i / 8 * 4 + bit / 32] >> bit % 32 & b[i % 8 * 4 + bit / 32] >> bit % 32 & 1);
    }
    expect(d[i] == count, "mma of bits, element " + std::to_string(i));
  }
}

// The nearest of all finite values of a format to x, ties to the even pattern; found by trying.
void rounding(Format format, const char* name) {
  const auto value = [format](uint32_t bits) {
    return static_cast<double>(pcd::simt::to_float(format, static_cast<uint16_t>(bits)));
  };
  const uint32_t infinity = format == Format::bf16 ? 0x7f80 : 0x7c00;
  Random random(5);
  for (uint32_t bits = 0; bits < infinity; ++bits) {
    expect(rounded(format, value(bits)) == bits,
           std::string(name) + " does not survive: " + std::to_string(bits));
    expect(rounded(format, -value(bits)) == (bits | 0x8000), std::string(name) + " has lost its sign");
    if (bits + 1 == infinity) continue;
    const double below = value(bits), above = value(bits + 1), middle = below + (above - below) / 2;
    if (static_cast<double>(static_cast<float>(middle)) == middle) {
      expect(rounded(format, middle) == bits + (bits & 1),
             std::string(name) + ": a tie is not even at " + std::to_string(bits));
    }
    const auto x = static_cast<double>(static_cast<float>(below + random.uniform() * (above - below)));
    if (x != middle) {
      expect(rounded(format, x) == (x < middle ? bits : bits + 1),
             std::string(name) + " is not the nearest at " + std::to_string(bits));
    }
  }
  const double infinite = std::numeric_limits<double>::infinity();
  expect(rounded(format, infinite) == infinity, std::string(name) + ": infinity");
  expect(value(infinity) == infinite && value(infinity | 0x8000) == -infinite,
         std::string(name) + ": infinity back");
  expect(rounded(format, 3.4e38) == infinity, std::string(name) + ": overflow");
  expect(std::isnan(value(rounded(format, std::nan("")))), std::string(name) + ": not a number");
  expect(std::isnan(value(pcd::simt::kPoison & 0xffff)) && std::isnan(value(pcd::simt::kPoison >> 16)),
         std::string(name) + ": the poison is a number");
}

PCD_KERNEL void functions(const float* x, float* y) {
  const float value = x[threadIdx.x];
  y[0 * 32 + threadIdx.x] = tanh_approximate(value);
  y[1 * 32 + threadIdx.x] = exp2_fast(value * 20);
  y[2 * 32 + threadIdx.x] = reciprocal_fast(value);
  const uint32_t brain = pack_bf16(value, -value), half = pack_half(value, -value);
  y[3 * 32 + threadIdx.x] = low_bf16(brain) + high_bf16(brain);
  y[4 * 32 + threadIdx.x] = unpack_half(half).x + unpack_half(half).y;
  y[5 * 32 + threadIdx.x] = low_bf16(brain);
  y[6 * 32 + threadIdx.x] = unpack_half(half).x;
}

void elementary_functions() {
  const std::vector<float> x = Random(6).normals(32);
  std::vector<float> y(7 * 32);
  expect_passes(launch(functions, 1, 32, 0, x.data(), y.data()), "elementary functions");
  for (size_t i = 0; i < 32; ++i) {
    const double v = x[i];
    expect_near(y[i], std::tanh(v), 1e-6, "tanh_approximate");
    expect(std::fabs(y[32 + i] / std::exp2(v * 20) - 1) < 1e-5, "exp2_fast");
    expect(std::fabs(y[64 + i] * v - 1) < 1e-6, "reciprocal_fast");
    expect(y[96 + i] == 0 && y[128 + i] == 0, "pairs");
    expect(std::fabs(y[160 + i] - v) <= std::fabs(v) * 0x1p-8, "pack_bf16");
    expect(std::fabs(y[192 + i] - v) <= std::fabs(v) * 0x1p-11 + 0x1p-25, "pack_half");
  }
  expect(exp2_fast(-std::numeric_limits<float>::infinity()) == 0 && exp2_fast(-127.5f) == 0,
         "exp2_fast far below");
}

}  // namespace

int main() {
  pcd::simt::use_settings("80", "forward");
  rounding(Format::bf16, "bf16");
  rounding(Format::half, "half");
  elementary_functions();
  in_every_order("80", [] {
    products<Format::bf16>();
    products<Format::half>();
    bit_sets();
  });
  return verdict();
}
