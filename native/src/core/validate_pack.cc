// SPDX-License-Identifier: Apache-2.0
//
// pack, and the number of parameters that each op has.
#include <cstdio>

#include "core/validate.h"

namespace pcd {

ParameterCount parameter_count(int32_t op, int64_t c, int64_t leads, int64_t blocks) {
  switch (op) {
    case PCD_OP_STEM: return {"C·n·7 + C", c * leads * 7 + c};
    case PCD_OP_DILATED_STACK: return {"blocks·(4C² + 4C)", blocks * (4 * c * c + 4 * c)};
    case PCD_OP_POOL_PROJECT: return {"2C + C² + C + D·C + D", 2 * c + c * c + c + leads * c + leads};
    case PCD_OP_FILM: return {"2C² + 2C", 2 * c * c + 2 * c};
    case PCD_OP_HEAD: return {"2C + T·C + T", 2 * c + leads * c + leads};
    case PCD_OP_CLASSIFIER: return {"K·C + K", leads * c + leads};
    default: return {"0", 0};
  }
}

void validate_pack_entry(Check& check, const char* field, const pcd_pack_entry& entry) {
  check.require(entry.op >= PCD_OP_STEM && entry.op <= PCD_OP_CLASSIFIER, PCD_ERROR_ARGUMENT,
                "%s.op is %d, expected PCD_OP_STEM (1) to PCD_OP_CLASSIFIER (6)", field, static_cast<int>(entry.op));
  check.require(entry.dtype == PCD_DTYPE_F32 || entry.dtype == PCD_DTYPE_BF16, PCD_ERROR_ARGUMENT,
                "%s.dtype is %d, expected PCD_DTYPE_F32 (0) or PCD_DTYPE_BF16 (1)", field,
                static_cast<int>(entry.dtype));
  check.require(entry.channels >= 1 && entry.channels <= kMaxChannels, PCD_ERROR_ARGUMENT,
                "%s.channels is %d, expected 1 to %lld", field, static_cast<int>(entry.channels),
                static_cast<long long>(kMaxChannels));
  const bool has_leads = entry.op != PCD_OP_DILATED_STACK && entry.op != PCD_OP_FILM;
  const bool has_blocks = entry.op == PCD_OP_DILATED_STACK;
  const int64_t most_leads = entry.op == PCD_OP_POOL_PROJECT ? kMaxChannels
                             : entry.op == PCD_OP_CLASSIFIER ? kMaxLabels
                                                             : static_cast<int64_t>(PCD_MAX_LEADS);
  const int64_t low_leads = has_leads ? 1 : 0, high_leads = has_leads ? most_leads : 0;
  check.require(entry.leads >= low_leads && entry.leads <= high_leads, PCD_ERROR_ARGUMENT,
                "%s.leads is %d, expected %lld to %lld for this op", field, static_cast<int>(entry.leads),
                static_cast<long long>(low_leads), static_cast<long long>(high_leads));
  const int low_blocks = has_blocks ? 1 : 0, high_blocks = has_blocks ? static_cast<int>(PCD_MAX_BLOCKS) : 0;
  check.require(entry.blocks >= low_blocks && entry.blocks <= high_blocks, PCD_ERROR_ARGUMENT,
                "%s.blocks is %d, expected %d to %d for this op", field, static_cast<int>(entry.blocks), low_blocks,
                high_blocks);
}

namespace {

// Names that outlive a call: spans of the overlap check keep pointers to them.
#define PCD_ENTRY(i) {"entries[" #i "]", "entries[" #i "].parameters", "entries[" #i "].packed"}
constexpr const char* kEntryNames[16][3] = {
    PCD_ENTRY(0),  PCD_ENTRY(1),  PCD_ENTRY(2),  PCD_ENTRY(3),  PCD_ENTRY(4),  PCD_ENTRY(5),
    PCD_ENTRY(6),  PCD_ENTRY(7),  PCD_ENTRY(8),  PCD_ENTRY(9),  PCD_ENTRY(10), PCD_ENTRY(11),
    PCD_ENTRY(12), PCD_ENTRY(13), PCD_ENTRY(14), PCD_ENTRY(15)};
#undef PCD_ENTRY

}  // namespace

void validate(Check& check, pcd_pack_desc& d) {
  check.range("count", d.count, 1, 16);
  for (int32_t i = 0; i < d.count && check.ok(); ++i) {
    pcd_pack_entry& entry = d.entries[i];
    validate_pack_entry(check, kEntryNames[i][0], entry);
    if (!check.ok()) return;
    const ParameterCount parameters = parameter_count(entry.op, entry.channels, entry.leads, entry.blocks);
    Extent count{parameters.formula, parameters.count};
    check.tensor(kEntryNames[i][1], entry.parameters, PCD_DTYPE_F32, {&count}, Use::read);
    check.packed_entry(kEntryNames[i][2], entry);
  }
}

}  // namespace pcd
