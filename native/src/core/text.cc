// SPDX-License-Identifier: Apache-2.0
//
// Sentences and names.
#include "core/text.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace pcd {
namespace {

void append_formatted(std::string& text, const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    const size_t before = text.size();
    text.resize(before + static_cast<size_t>(length) + 1);
    std::vsnprintf(&text[before], static_cast<size_t>(length) + 1, format, again);
    text.resize(before + static_cast<size_t>(length));
  }
  va_end(again);
}

}  // namespace

int32_t fail(std::string& message, int32_t status, const char* format, ...) {
  std::string text;
  va_list arguments;
  va_start(arguments, format);
  append_formatted(text, format, arguments);
  va_end(arguments);
  message = std::move(text);  // the arguments may point into the old message
  return status;
}

void append(std::string& text, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  append_formatted(text, format, arguments);
  va_end(arguments);
}

void copy_text(const std::string& text, char* message, size_t capacity) noexcept {
  if (message == nullptr || capacity == 0) return;
  size_t length = std::min(text.size(), capacity - 1);
  // Do not leave the first bytes of a character: step back over continuation bytes (10xxxxxx).
  while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u) --length;
  std::memcpy(message, text.data(), length);
  message[length] = '\0';
}

const char* dtype_name(int32_t dtype) noexcept {
  static const char* const names[] = {"F32", "BF16", "F64", "I16", "I32", "I64", "U64", "U8"};
  return dtype >= 0 && dtype <= PCD_DTYPE_U8 ? names[dtype] : nullptr;
}

std::string amount(uint64_t bytes) {
  constexpr uint64_t kMebibyte = uint64_t{1} << 20;
  std::string text;
  if (bytes < kMebibyte) {
    append(text, "%llu bytes", static_cast<unsigned long long>(bytes));
  } else if (bytes < kMebibyte << 10) {
    append(text, "%.1f MiB", static_cast<double>(bytes) / 0x1p20);
  } else {
    append(text, "%.1f GiB", static_cast<double>(bytes) / 0x1p30);
  }
  return text;
}

std::string describe(const pcd_tensor& tensor) {
  std::string text;
  const char* type = dtype_name(tensor.dtype);
  if (type != nullptr) {
    text = type;
  } else {
    append(text, "type %d", static_cast<int>(tensor.dtype));
  }
  if (tensor.rank < 0 || tensor.rank > 4) {
    append(text, " of rank %d", static_cast<int>(tensor.rank));
    return text;
  }
  text += " [";
  for (int32_t i = 0; i < tensor.rank; ++i) {
    append(text, i == 0 ? "%lld" : ", %lld", static_cast<long long>(tensor.shape[i]));
  }
  text += "]";
  return text;
}

}  // namespace pcd
