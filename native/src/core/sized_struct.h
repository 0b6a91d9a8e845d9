// SPDX-License-Identifier: Apache-2.0
//
// Structures that begin with struct_size, between callers and libraries of different age.
#ifndef PCD_CORE_SIZED_STRUCT_H
#define PCD_CORE_SIZED_STRUCT_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/text.h"

namespace pcd {

// Copies a caller's structure: a shorter one is padded with zeros, a longer one is taken when its tail is zero, that
// is, when the caller uses nothing that this library does not know. The copy's struct_size is this library's.
template <typename T>
int32_t read_struct(const T* given, T* copy, const char* name, std::string& message) {
  static_assert(offsetof(T, struct_size) == 0);
  if (given == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: the structure is NULL", name);
  uint32_t size = 0;
  std::memcpy(&size, given, sizeof(size));
  constexpr uint32_t kLargest = 1u << 16;
  if (size < sizeof(uint32_t) || size > kLargest) {
    return fail(message, PCD_ERROR_ARGUMENT, "%s: struct_size is %u; set it to sizeof the structure (%zu here)", name,
                static_cast<unsigned>(size), sizeof(T));
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (size_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) {
      return fail(message, PCD_ERROR_ARGUMENT,
                  "%s: struct_size is %u, this library knows %zu bytes, and byte %zu is not zero: the caller uses "
                  "fields of a newer version", name, static_cast<unsigned>(size), sizeof(T), i);
    }
  }
  std::memset(static_cast<void*>(copy), 0, sizeof(T));
  std::memcpy(static_cast<void*>(copy), given, size < sizeof(T) ? size : sizeof(T));
  copy->struct_size = sizeof(T);
  return PCD_OK;
}

// Fills a caller's structure as far as it reaches; its struct_size stays.
template <typename T>
int32_t write_struct(const T& filled, T* given, const char* name, std::string& message) {
  static_assert(offsetof(T, struct_size) == 0);
  if (given == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: the structure is NULL", name);
  uint32_t size = 0;
  std::memcpy(&size, given, sizeof(size));
  if (size < sizeof(uint32_t)) {
    return fail(message, PCD_ERROR_ARGUMENT, "%s: struct_size is %u; set it to sizeof the structure (%zu here)", name,
                static_cast<unsigned>(size), sizeof(T));
  }
  const size_t reach = size < sizeof(T) ? size : sizeof(T);
  std::memcpy(reinterpret_cast<unsigned char*>(given) + sizeof(uint32_t),
              reinterpret_cast<const unsigned char*>(&filled) + sizeof(uint32_t), reach - sizeof(uint32_t));
  return PCD_OK;
}

}  // namespace pcd

#endif
