// SPDX-License-Identifier: Apache-2.0
//
// Reference of cast: bfloat16 (8 exponent bits, 7 fraction bits) by one rounding to nearest, ties to even.
#ifndef PCD_REFERENCE_CAST_H
#define PCD_REFERENCE_CAST_H

#include <cstdint>

namespace pcd::reference {

// Bits of the bfloat16 nearest to the value; a NaN gives a quiet NaN, what is beyond the range an infinity.
uint16_t to_bf16(double value);

// Exact.
double from_bf16(uint16_t bits);

}  // namespace pcd::reference

#endif
