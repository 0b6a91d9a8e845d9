// SPDX-License-Identifier: Apache-2.0
//
// fill, cast and copy.
#include <cmath>

#include "core/validate.h"

namespace pcd {
namespace {

constexpr unsigned kFloats = type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16) | type_bit(PCD_DTYPE_F64);

// Integers take what they can hold: the upper bound is exclusive, because 2^63 is a double and 2^63 - 1 is not.
bool integer_holds(int32_t dtype, double value) {
  switch (dtype) {
    case PCD_DTYPE_I16: return value >= -32768.0 && value < 32768.0;
    case PCD_DTYPE_I32: return value >= -2147483648.0 && value < 2147483648.0;
    case PCD_DTYPE_I64: return value >= -9223372036854775808.0 && value < 9223372036854775808.0;
    case PCD_DTYPE_U64: return value >= 0.0 && value < 18446744073709551616.0;
    case PCD_DTYPE_U8: return value >= 0.0 && value < 256.0;
    default: return true;
  }
}

}  // namespace

void validate(Check& check, pcd_fill_desc& d) {
  check.flags(d.flags, 0);
  check.any("tensor", d.tensor, Use::write);
  if (!check.ok()) return;
  const bool integer = (kFloats & type_bit(d.tensor.dtype)) == 0;
  check.require(!integer || (integer_holds(d.tensor.dtype, d.value) && std::floor(d.value) == d.value),
                PCD_ERROR_ARGUMENT, "value is %g, which %s cannot hold", d.value, dtype_name(d.tensor.dtype));
}

void validate(Check& check, pcd_cast_desc& d) {
  check.flags(d.flags, 0);
  check.any("source", d.source, Use::read);
  check.any("target", d.target, Use::write);
  if (!check.ok()) return;
  bool same = d.source.rank == d.target.rank;
  for (int32_t i = 0; i < d.source.rank && same; ++i) same = d.source.shape[i] == d.target.shape[i];
  check.require(same, PCD_ERROR_SHAPE, "target is %s, expected the shape of source, %s", describe(d.target).c_str(),
                describe(d.source).c_str());
  const bool floats = (kFloats & type_bit(d.source.dtype)) != 0 && (kFloats & type_bit(d.target.dtype)) != 0;
  check.require(floats || d.source.dtype == d.target.dtype, PCD_ERROR_SHAPE,
                "%s to %s is not defined: F32, BF16 and F64 in any direction, or equal types",
                dtype_name(d.source.dtype), dtype_name(d.target.dtype));
}

void validate(Check& check, pcd_copy_desc& d) {
  check.flags(d.flags, 0);
  check.any("source", d.source, Use::read);
  check.any("target", d.target, Use::write);
  if (!check.ok()) return;
  const uint64_t from = byte_count(d.source);
  const uint64_t to = byte_count(d.target);
  check.require(from == to, PCD_ERROR_SHAPE, "source %s has %llu bytes and target %s has %llu, expected equal sizes",
                describe(d.source).c_str(), static_cast<unsigned long long>(from), describe(d.target).c_str(),
                static_cast<unsigned long long>(to));
}

}  // namespace pcd
