// SPDX-License-Identifier: Apache-2.0
//
// Products of values in fixed point.
#include "cpu/micro_kernel.h"

namespace pcd::cpu::PCD_ISA {

void multiply(const Product<int16_t>& product, const Tile<int16_t>* tiles, int count) {
  multiply_all(product, tiles, count);
}

void outer_product(const OuterProduct<int16_t>& product) { outer_product_all(product); }

}  // namespace pcd::cpu::PCD_ISA
