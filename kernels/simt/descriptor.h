// SPDX-License-Identifier: Apache-2.0
//
// What a wgmma descriptor says: where an operand lies in shared memory and how. Bits 0 to 13 address / 16, 16
// to 29 distance of blocks along the leading dimension / 16, 32 to 45 distance of groups of eight rows / 16,
// 49 to 51 offset of the swizzle's pattern, 62 and 63 swizzle: 1 is 128 bytes, the only one that is emulated.
// There, of rows of 128 bytes, bits 4 to 6 of an address (the piece of 16 bytes) are changed by bits 7 to 9
// (the row).
#ifndef PCD_SIMT_DESCRIPTOR_H
#define PCD_SIMT_DESCRIPTOR_H

#include <cstdint>

#include "number_formats.h"

namespace pcd::simt {

// Both read the operand's 16 terms from shared memory, and fault when the descriptor cannot be meant, when it
// leads out of shared memory, and when what it reads lacks a fence.

// Rows `first` to first + 15 of an operand that lies [row][term]: matrix[row][term].
void read_rows(uint64_t descriptor, Format format, int first, float (&matrix)[16][16]);
// All n columns as matrix[term][column]. The operand lies [column][term] or, if `transposed`, [term][column]
// with 64 columns.
void read_columns(uint64_t descriptor, Format format, int n, bool transposed, float* matrix);

}  // namespace pcd::simt

#endif
