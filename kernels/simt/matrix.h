// SPDX-License-Identifier: Apache-2.0
//
// The matrix instructions as functions of all lanes' registers. Lane 4·g + q; places of fragments as
// common/mma.cuh says. Products of bf16 or half are exact in fp32; sums are fp32, in the order of k. The
// tensor cores' own order and rounding are not documented, so that results agree with theirs to rounding
// only.
#ifndef PCD_SIMT_MATRIX_H
#define PCD_SIMT_MATRIX_H

#include <cstdint>

#include "number_formats.h"

namespace pcd::simt {

constexpr int kLanes = 32;

// What one lane gives an instruction and where it wants its results.
struct MmaOperands {
  float* d;
  const uint32_t* a;  // [4]
  uint32_t b[2];
};
struct BitOperands {
  int32_t* d;
  const uint32_t* a;  // [2]
  uint32_t b;
};

// d[16, 8] += a[16, 16]·b[16, 8].
void mma(Format format, const MmaOperands* const (&lanes)[kLanes]);
// d[16, 8] += popcount(a_row & b_column), 128 bits each.
void mma_and_popc(const BitOperands* const (&lanes)[kLanes]);

// Four 8 × 8 matrices of 16-bit elements; lane 8·m + r points to row r of matrix m, and r[m] of lane 4·g + q
// becomes row g, elements 2q and 2q + 1, or, transposed, column g, rows 2q and 2q + 1.
void load_matrices(const unsigned char* const (&rows)[kLanes], bool transposed,
                   uint32_t* const (&results)[kLanes]);

// One warp's part of wgmma: sums[16][n] += a[16][16]·b[16][n].
void multiply_rows(float* sums, const float (&a)[16][16], const float* b, int n);
// The 16 × 16 matrix that lanes hold as an A fragment.
void gather_a(Format format, const uint32_t (&a)[kLanes][4], float (&matrix)[16][16]);

}  // namespace pcd::simt

#endif
