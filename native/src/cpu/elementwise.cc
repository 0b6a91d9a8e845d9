// SPDX-License-Identifier: Apache-2.0
//
// fill, cast and copy.
#include <cstdint>

#include "core/buffer.h"
#include "cpu/bf16.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t kPiece = 1 << 16;

// f(begin, end) over fixed pieces of n elements.
template <class F>
void in_pieces(Pool& pool, int64_t n, F&& f) {
  pool.run((n + kPiece - 1) / kPiece,
           [&](int64_t piece) { f(piece * kPiece, least(n, (piece + 1) * kPiece)); });
}

template <typename T>
void fill_with(Pool& pool, const pcd_tensor& tensor, T value) {
  T* out = data<T>(tensor);
  in_pieces(pool, elements(tensor), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = value;
  });
}

template <typename From, typename To>
void convert(Pool& pool, const pcd_cast_desc& d) {
  const From* in = data<const From>(d.source);
  To* out = data<To>(d.target);
  in_pieces(pool, elements(d.source), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = static_cast<To>(in[i]);
  });
}

template <typename From>
int32_t cast_from(Pool& pool, const pcd_cast_desc& d) {
  switch (d.target.dtype) {
    case PCD_DTYPE_F32: convert<From, float>(pool, d); return PCD_OK;
    case PCD_DTYPE_BF16: convert<From, Bf16>(pool, d); return PCD_OK;
    case PCD_DTYPE_F64: convert<From, double>(pool, d); return PCD_OK;
    default: return PCD_ERROR_UNSUPPORTED;
  }
}

void copy_bytes(Pool& pool, const pcd_tensor& source, const pcd_tensor& target, int64_t bytes) {
  const char* in = data<const char>(source);
  char* out = data<char>(target);
  in_pieces(pool, bytes, [&](int64_t begin, int64_t end) {
    __builtin_memmove(out + begin, in + begin, static_cast<size_t>(end - begin));
  });
}

}  // namespace

int32_t fill(Pool& pool, const pcd_fill_desc& d) {
  switch (d.tensor.dtype) {
    case PCD_DTYPE_F32: fill_with(pool, d.tensor, static_cast<float>(d.value)); return PCD_OK;
    case PCD_DTYPE_BF16: fill_with(pool, d.tensor, Bf16(static_cast<float>(d.value))); return PCD_OK;
    case PCD_DTYPE_F64: fill_with(pool, d.tensor, d.value); return PCD_OK;
    case PCD_DTYPE_I16: fill_with(pool, d.tensor, static_cast<int16_t>(d.value)); return PCD_OK;
    case PCD_DTYPE_I32: fill_with(pool, d.tensor, static_cast<int32_t>(d.value)); return PCD_OK;
    case PCD_DTYPE_I64: fill_with(pool, d.tensor, static_cast<int64_t>(d.value)); return PCD_OK;
    case PCD_DTYPE_U64: fill_with(pool, d.tensor, static_cast<uint64_t>(d.value)); return PCD_OK;
    case PCD_DTYPE_U8: fill_with(pool, d.tensor, static_cast<uint8_t>(d.value)); return PCD_OK;
    default: return PCD_ERROR_UNSUPPORTED;
  }
}

int32_t cast(Pool& pool, const pcd_cast_desc& d) {
  if (d.source.dtype == d.target.dtype) {
    copy_bytes(pool, d.source, d.target, static_cast<int64_t>(byte_count(d.source)));
    return PCD_OK;
  }
  switch (d.source.dtype) {
    case PCD_DTYPE_F32: return cast_from<float>(pool, d);
    case PCD_DTYPE_BF16: return cast_from<Bf16>(pool, d);
    case PCD_DTYPE_F64: return cast_from<double>(pool, d);
    default: return PCD_ERROR_UNSUPPORTED;
  }
}

int32_t copy(Pool& pool, const pcd_copy_desc& d) {
  copy_bytes(pool, d.source, d.target, static_cast<int64_t>(byte_count(d.source)));
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
