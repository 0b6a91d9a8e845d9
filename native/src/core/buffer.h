// SPDX-License-Identifier: Apache-2.0
//
// The memory behind a view, and typed access to it for backends.
#ifndef PCD_CORE_BUFFER_H
#define PCD_CORE_BUFFER_H

#include <atomic>
#include <cstdint>

#include "precordia/precordia.h"

// Reference counted: the caller's handle, recorded graphs and DLPack exports each hold one reference.
struct pcd_buffer {
  void* data = nullptr;
  uint64_t bytes = 0;
  int32_t memory = PCD_MEMORY_DEVICE;
  bool wrapped = false;            // memory is the caller's
  pcd_context* context = nullptr;
  pcd_stream* stream = nullptr;    // where a freed block is reused in order
  std::atomic<int32_t> references{1};
  uint64_t block_bytes = 0;        // size of the pool's block; 0 when wrapped
};

namespace pcd {

// First element of a view; null when the view is absent.
template <typename T>
inline T* data(const pcd_tensor& tensor) {
  return tensor.buffer == nullptr
             ? nullptr
             : reinterpret_cast<T*>(static_cast<char*>(tensor.buffer->data) + tensor.offset);
}

inline bool present(const pcd_tensor& tensor) { return tensor.buffer != nullptr; }

inline int64_t elements(const pcd_tensor& tensor) {
  int64_t n = 1;
  for (int32_t i = 0; i < tensor.rank; ++i) n *= tensor.shape[i];
  return n;
}

// Bytes of an element; 0 for an unknown type.
inline uint64_t dtype_size(int32_t dtype) noexcept {
  switch (dtype) {
    case PCD_DTYPE_U8: return 1;
    case PCD_DTYPE_BF16:
    case PCD_DTYPE_I16: return 2;
    case PCD_DTYPE_F32:
    case PCD_DTYPE_I32: return 4;
    case PCD_DTYPE_F64:
    case PCD_DTYPE_I64:
    case PCD_DTYPE_U64: return 8;
    default: return 0;
  }
}

// Bytes that a view covers.
inline uint64_t byte_count(const pcd_tensor& tensor) {
  return static_cast<uint64_t>(elements(tensor)) * dtype_size(tensor.dtype);
}

}  // namespace pcd

#endif
