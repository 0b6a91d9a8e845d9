// SPDX-License-Identifier: Apache-2.0
//
// The bf16 sum as an operation of MPI's, and means.
#include "mpi/element_type.h"

#include <cstring>

#include "precordia/precordia.h"

namespace pcd::mpi {
namespace {

float widen(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof wide);
  return wide;
}

// To nearest, ties to even; a NaN stays one.
uint16_t narrow(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void add_bf16(void* in, void* inout, int* count, MPI_Datatype*) {
  const auto* from = static_cast<const uint16_t*>(in);
  auto* to = static_cast<uint16_t*>(inout);
  for (int i = 0; i < *count; ++i) to[i] = narrow(widen(to[i]) + widen(from[i]));
}

ElementType make_bf16() {
  ElementType made{};
  MPI_Type_contiguous(2, MPI_BYTE, &made.type);
  MPI_Type_commit(&made.type);
  MPI_Op_create(&add_bf16, 1, &made.sum);
  return made;
}

template <typename T>
void divide_each(void* data, int64_t count, T divisor) {
  auto* values = static_cast<T*>(data);
  for (int64_t i = 0; i < count; ++i) values[i] /= divisor;
}

}  // namespace

ElementType element_type(int32_t dtype) {
  switch (dtype) {
    case PCD_DTYPE_F64: return {MPI_DOUBLE, MPI_SUM};
    case PCD_DTYPE_I32: return {MPI_INT32_T, MPI_SUM};
    case PCD_DTYPE_I64: return {MPI_INT64_T, MPI_SUM};
    case PCD_DTYPE_U64: return {MPI_UINT64_T, MPI_SUM};
    case PCD_DTYPE_BF16: {
      static const ElementType bf16 = make_bf16();
      return bf16;
    }
    default: return {MPI_FLOAT, MPI_SUM};
  }
}

void divide(void* data, int64_t count, int32_t dtype, int32_t ranks) {
  switch (dtype) {
    case PCD_DTYPE_F32: divide_each(data, count, static_cast<float>(ranks)); break;
    case PCD_DTYPE_F64: divide_each(data, count, static_cast<double>(ranks)); break;
    case PCD_DTYPE_BF16: {
      auto* values = static_cast<uint16_t*>(data);
      const auto divisor = static_cast<float>(ranks);
      for (int64_t i = 0; i < count; ++i) values[i] = narrow(widen(values[i]) / divisor);
      break;
    }
    default: break;
  }
}

}  // namespace pcd::mpi
