// SPDX-License-Identifier: Apache-2.0
//
// Products of floats.
#include "cpu/micro_kernel.h"

namespace pcd::cpu::PCD_ISA {

void pack_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
              float* packed) {
  for (int64_t column = 0; column < columns; column += panel_columns) {
    float* to = packed + column * k_total + k * panel_columns;
    const int64_t here = least(panel_columns, columns - column);
    for (int64_t j = 0; j < here; ++j) to[j] = source[(column + j) * stride];
    for (int64_t j = here; j < panel_columns; ++j) to[j] = 0.0f;
  }
}

void multiply(const Product<float>& product, const Tile<float>* tiles, int count) {
  multiply_all(product, tiles, count);
}

void outer_product(const OuterProduct<float>& product) { outer_product_all(product); }

}  // namespace pcd::cpu::PCD_ISA
