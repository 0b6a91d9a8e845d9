// SPDX-License-Identifier: Apache-2.0
//
// Operands are spread out as fp32 once; then products run over eight columns at a time.
#include "matrix.h"

#include <cstring>

namespace pcd::simt {
namespace {

uint16_t low(uint32_t pair) { return static_cast<uint16_t>(pair); }
uint16_t high(uint32_t pair) { return static_cast<uint16_t>(pair >> 16); }

template <Format kFormat>
void spread_a(const uint32_t* a, int lane, float (&matrix)[16][16]) {
  const int g = lane / 4, q = lane % 4;
  for (int i = 0; i < 4; ++i) {
    float* pair = &matrix[g + i % 2 * 8][2 * q + i / 2 * 8];
    pair[0] = to_float(kFormat, low(a[i]));
    pair[1] = to_float(kFormat, high(a[i]));
  }
}

// Compilers make of this what the machine has.
using Eight [[gnu::vector_size(32)]] = float;

Eight load(const float* from) {
  Eight v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

}  // namespace

void multiply_rows(float* sums, const float (&a)[16][16], const float* b, int n) {
  constexpr int kRows = 8;  // at a time, each a sum that does not wait for the others
  for (int row = 0; row < 16; row += kRows) {
    for (int first = 0; first < n; first += 8) {
      Eight part[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) part[r] = load(sums + (row + r) * n + first);
      for (int k = 0; k < 16; ++k) {
        const Eight terms = load(b + k * n + first);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) part[r] += a[row + r][k] * terms;
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) std::memcpy(sums + (row + r) * n + first, &part[r], sizeof part[r]);
    }
  }
}

namespace {

template <Format kFormat>
void multiply(const MmaOperands* const (&lanes)[kLanes]) {
  float a[16][16], b[16][8], d[16][8];
  for (int lane = 0; lane < kLanes; ++lane) {
    const MmaOperands& own = *lanes[lane];
    const int g = lane / 4, q = lane % 4;
    spread_a<kFormat>(own.a, lane, a);
    for (int i = 0; i < 2; ++i) {
      b[2 * q + 8 * i][g] = to_float(kFormat, low(own.b[i]));
      b[2 * q + 8 * i + 1][g] = to_float(kFormat, high(own.b[i]));
    }
    for (int i = 0; i < 4; ++i) d[g + i / 2 * 8][2 * q + i % 2] = own.d[i];
  }
  multiply_rows(&d[0][0], a, &b[0][0], 8);
  for (int lane = 0; lane < kLanes; ++lane) {
    const int g = lane / 4, q = lane % 4;
    for (int i = 0; i < 4; ++i) lanes[lane]->d[i] = d[g + i / 2 * 8][2 * q + i % 2];
  }
}

}  // namespace

void mma(Format format, const MmaOperands* const (&lanes)[kLanes]) {
  if (format == Format::bf16) {
    multiply<Format::bf16>(lanes);
  } else {
    multiply<Format::half>(lanes);
  }
}

void gather_a(Format format, const uint32_t (&a)[kLanes][4], float (&matrix)[16][16]) {
  for (int lane = 0; lane < kLanes; ++lane) {
    if (format == Format::bf16) {
      spread_a<Format::bf16>(a[lane], lane, matrix);
    } else {
      spread_a<Format::half>(a[lane], lane, matrix);
    }
  }
}

void mma_and_popc(const BitOperands* const (&lanes)[kLanes]) {
  uint32_t a[16][4], b[8][4];
  for (int lane = 0; lane < kLanes; ++lane) {
    a[lane / 4][lane % 4] = lanes[lane]->a[0];
    a[lane / 4 + 8][lane % 4] = lanes[lane]->a[1];
    b[lane / 4][lane % 4] = lanes[lane]->b;
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int i = 0; i < 4; ++i) {
      const uint32_t *row = a[lane / 4 + i / 2 * 8], *column = b[2 * (lane % 4) + i % 2];
      for (int word = 0; word < 4; ++word) lanes[lane]->d[i] += __builtin_popcount(row[word] & column[word]);
    }
  }
}

void load_matrices(const unsigned char* const (&rows)[kLanes], bool transposed,
                   uint32_t* const (&results)[kLanes]) {
  uint16_t elements[4][8][8];
  for (int i = 0; i < kLanes; ++i) std::memcpy(elements[i / 8][i % 8], rows[i], sizeof elements[0][0]);
  for (int lane = 0; lane < kLanes; ++lane) {
    const int g = lane / 4, q = lane % 4;
    for (int m = 0; m < 4; ++m) {
      const uint32_t first = transposed ? elements[m][2 * q][g] : elements[m][g][2 * q];
      const uint32_t second = transposed ? elements[m][2 * q + 1][g] : elements[m][g][2 * q + 1];
      results[lane][m] = second << 16 | first;
    }
  }
}

}  // namespace pcd::simt
