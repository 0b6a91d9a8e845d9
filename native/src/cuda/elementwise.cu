// SPDX-License-Identifier: Apache-2.0
//
// fill, cast and copy, host side.
#include "cuda/ops.h"
#include "elementwise/elementwise.cuh"

namespace pcd::cuda {
namespace {

using namespace kernels::elementwise;
using kernels::bf16;

template <typename T>
int32_t fill_with(const Queue& queue, const pcd_tensor& tensor, T value) {
  const int64_t n = elements(tensor);
  if (n > 0) {
    PCD_LAUNCH(kernels::elementwise::fill<T>, blocks(n, kPerBlock), kThreads, 0, queue.stream, data<T>(tensor), value,
               n);
  }
  return queue.launched("fill");
}

template <typename To, typename From>
int32_t cast_to(const Queue& queue, const pcd_cast_desc& d) {
  const int64_t n = elements(d.source);
  if (n > 0) {
    PCD_LAUNCH((kernels::elementwise::cast<To, From>), blocks(n, kPerBlock), kThreads, 0, queue.stream,
               data<const From>(d.source), data<To>(d.target), n);
  }
  return queue.launched("cast");
}

// Any two kinds of memory.
int32_t copy_bytes(const Queue& queue, const pcd_tensor& source, const pcd_tensor& target, const char* op) {
  const size_t bytes = static_cast<size_t>(byte_count(source));
  return report(cudaMemcpyAsync(data<char>(target), data<const char>(source), bytes, cudaMemcpyDefault, queue.stream),
                op, queue.message);
}

}  // namespace

int32_t fill(const Queue& queue, const pcd_fill_desc& d) {
  switch (d.tensor.dtype) {
    case PCD_DTYPE_F32: return fill_with(queue, d.tensor, static_cast<float>(d.value));
    case PCD_DTYPE_BF16: return fill_with(queue, d.tensor, __float2bfloat16_rn(static_cast<float>(d.value)));
    case PCD_DTYPE_F64: return fill_with(queue, d.tensor, d.value);
    case PCD_DTYPE_I16: return fill_with(queue, d.tensor, static_cast<int16_t>(d.value));
    case PCD_DTYPE_I32: return fill_with(queue, d.tensor, static_cast<int32_t>(d.value));
    case PCD_DTYPE_I64: return fill_with(queue, d.tensor, static_cast<int64_t>(d.value));
    case PCD_DTYPE_U64: return fill_with(queue, d.tensor, static_cast<uint64_t>(d.value));
    case PCD_DTYPE_U8: return fill_with(queue, d.tensor, static_cast<uint8_t>(d.value));
    default: return queue.unsupported("fill: unknown type");
  }
}

int32_t cast(const Queue& queue, const pcd_cast_desc& d) {
  const int32_t from = d.source.dtype, to = d.target.dtype;
  if (from == to) return copy_bytes(queue, d.source, d.target, "cast");
  if (from == PCD_DTYPE_F32 && to == PCD_DTYPE_BF16) return cast_to<bf16, float>(queue, d);
  if (from == PCD_DTYPE_F32 && to == PCD_DTYPE_F64) return cast_to<double, float>(queue, d);
  if (from == PCD_DTYPE_BF16 && to == PCD_DTYPE_F32) return cast_to<float, bf16>(queue, d);
  if (from == PCD_DTYPE_BF16 && to == PCD_DTYPE_F64) return cast_to<double, bf16>(queue, d);
  if (from == PCD_DTYPE_F64 && to == PCD_DTYPE_F32) return cast_to<float, double>(queue, d);
  if (from == PCD_DTYPE_F64 && to == PCD_DTYPE_BF16) return cast_to<bf16, double>(queue, d);
  return queue.unsupported("cast: only F32, BF16 and F64 can be converted");
}

int32_t copy(const Queue& queue, const pcd_copy_desc& d) { return copy_bytes(queue, d.source, d.target, "copy"); }

}  // namespace pcd::cuda
