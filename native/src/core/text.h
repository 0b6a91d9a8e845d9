// SPDX-License-Identifier: Apache-2.0
//
// Sentences: every failure writes one, with what was given and what was expected.
#ifndef PCD_CORE_TEXT_H
#define PCD_CORE_TEXT_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "precordia/precordia.h"

namespace pcd {

// Writes the sentence (printf format) and returns `status`, so that a check reads `return fail(message, ...)`.
__attribute__((format(printf, 3, 4))) int32_t fail(std::string& message, int32_t status, const char* format, ...);

// Appends printf-formatted text.
__attribute__((format(printf, 2, 3))) void append(std::string& text, const char* format, ...);

// Copies a sentence to the caller's array: NUL-terminated, cut between UTF-8 characters. `message` may be null.
void copy_text(const std::string& text, char* message, size_t capacity) noexcept;

// "F32", ...; "type 99" is written by callers for unknown ones (null here).
const char* dtype_name(int32_t dtype) noexcept;

// "512 bytes", "1.5 GiB"
std::string amount(uint64_t bytes);

// "F32 [4, 256, 3]"
std::string describe(const pcd_tensor& tensor);

}  // namespace pcd

#endif
