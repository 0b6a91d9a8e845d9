// SPDX-License-Identifier: Apache-2.0
//
// Reference of the counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011) and the two transforms of docs/model.md.
#ifndef PCD_REFERENCE_PHILOX_H
#define PCD_REFERENCE_PHILOX_H

#include <array>
#include <cstdint>
#include <utility>

namespace pcd::reference {

std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// (word + 0.5) / 2^32, in (0, 1).
double uniform(uint32_t word);

// Box–Muller: sqrt(-2 ln u_a) · (cos, sin)(2π u_b), two independent standard normals.
std::pair<double, double> normals(uint32_t a, uint32_t b);

}  // namespace pcd::reference

#endif
