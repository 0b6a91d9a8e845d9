// SPDX-License-Identifier: Apache-2.0
#include "descriptor.h"

#include <cstring>

#include "granules.h"
#include "shared.h"
#include "warp.h"

namespace pcd::simt {
namespace {

constexpr uint32_t kRow = 128, kGroup = 8 * kRow;  // bytes of the 128-byte swizzle

struct Operand {
  const unsigned char* memory;  // of the first group of eight rows
  uint32_t within;              // where in it the operand begins
  uint32_t stride;              // from group to group

  // The 16-byte piece `piece`, counted from where the operand begins, of a row.
  const unsigned char* piece(uint32_t row, uint32_t piece) const {
    const uint32_t logical = within + row % 8 * kRow + piece * 16;
    return memory + row / 8 * stride + (logical ^ ((logical >> 7 & 7) << 4));
  }
};

// `rows` of `bytes` that begin `skip` rows after the descriptor's.
Operand decode(uint64_t descriptor, uint32_t skip, uint32_t rows, uint32_t bytes) {
  const uint32_t address = (descriptor & 0x3fff) << 4, stride = (descriptor >> 32 & 0x3fff) << 4;
  const auto bits = static_cast<unsigned long long>(descriptor);
  if (const unsigned swizzle = descriptor >> 62; swizzle != 1) {
    fault("wgmma descriptor 0x%016llx: swizzle mode %u; the executor knows 1, 128 bytes, alone", bits,
          swizzle);
  }
  if ((descriptor & 0x3ff1c000c000c000ull) != 0) {
    fault("wgmma descriptor 0x%016llx: reserved bits are set", bits);
  }
  if ((descriptor >> 49 & 7) != 0) {
    fault("wgmma descriptor 0x%016llx: base offset %u; the executor knows 0 alone", bits,
          static_cast<unsigned>(descriptor >> 49 & 7));
  }
  if (address % kGroup >= kRow) {
    fault(
        "wgmma descriptor 0x%016llx: with base offset 0 the operand's first row must begin at a multiple of "
        "%u; shared address %u does not",
        bits, kGroup, address);
  }
  if (address % kRow + bytes > kRow) {
    fault("wgmma descriptor 0x%016llx: %u bytes from shared address %u run over the end of a row of %u", bits,
          bytes, address, kRow);
  }
  if (rows > 8 && (stride == 0 || stride % kGroup != 0)) {
    fault(
        "wgmma descriptor 0x%016llx: groups of eight rows %u bytes apart; the swizzle needs multiples of %u",
        bits, stride, kGroup);
  }
  const uint32_t first = address - address % kRow + skip / 8 * stride;
  for (uint32_t row = 0; row < rows; row += 8) {
    granules_need_no_fence(first + row / 8 * stride, kGroup, "wgmma");
  }
  const void* const memory = shared_pointer(first, (rows / 8 - 1) * stride + kGroup, 16, "wgmma");
  return {static_cast<const unsigned char*>(memory), address % kRow, stride};
}

void spread(Format format, const unsigned char* from, float (&to)[8]) {
  uint16_t bits[8];
  std::memcpy(bits, from, sizeof bits);
  if (format == Format::bf16) {
    for (int i = 0; i < 8; ++i) to[i] = bf16_to_float(bits[i]);
  } else {
    for (int i = 0; i < 8; ++i) to[i] = half_to_float(bits[i]);
  }
}

}  // namespace

void read_rows(uint64_t descriptor, Format format, int first, float (&matrix)[16][16]) {
  const Operand operand = decode(descriptor, static_cast<uint32_t>(first), 16, 32);
  for (uint32_t row = 0; row < 16; ++row) {
    for (uint32_t half = 0; half < 2; ++half) {
      float terms[8];
      spread(format, operand.piece(row, half), terms);
      std::memcpy(&matrix[row][8 * half], terms, sizeof terms);
    }
  }
}

void read_columns(uint64_t descriptor, Format format, int n, bool transposed, float* matrix) {
  const auto columns = static_cast<uint32_t>(n);
  float terms[8];
  if (transposed) {
    if (n != 64) fault("wgmma: a transposed operand has 64 columns here, not %d", n);
    const Operand operand = decode(descriptor, 0, 16, kRow);
    for (uint32_t k = 0; k < 16; ++k) {
      for (uint32_t piece = 0; piece < 8; ++piece) {
        spread(format, operand.piece(k, piece), terms);
        std::memcpy(matrix + k * 64 + piece * 8, terms, sizeof terms);
      }
    }
    return;
  }
  const Operand operand = decode(descriptor, 0, columns, 32);
  for (uint32_t column = 0; column < columns; ++column) {
    for (uint32_t half = 0; half < 2; ++half) {
      spread(format, operand.piece(column, half), terms);
      for (uint32_t k = 0; k < 8; ++k) matrix[(8 * half + k) * columns + column] = terms[k];
    }
  }
}

}  // namespace pcd::simt
