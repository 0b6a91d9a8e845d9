// SPDX-License-Identifier: Apache-2.0
//
// The entry points of all ops, made from op_table.h: copy the descriptor, validate it, run or record it; and their size
// queries.
#include <algorithm>
#include <cstring>

#include "core/graph.h"
#include "core/sized_struct.h"
#include "core/validate.h"

namespace pcd {
namespace {

template <typename Desc>
int32_t run_op(pcd_stream* stream, OpId op, const Desc* given) noexcept {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    Desc desc;
    int32_t status = read_struct(given, &desc, op_name(op), message);
    if (status == PCD_OK) {
      Check check(stream->context, op, Check::Mode::run, message);
      validate(check, desc);
      check.overlaps();
      status = check.ok() ? submit(stream, op, &desc, sizeof(desc), check, message) : check.status();
    }
    if (status != PCD_OK) note_failure(stream, status, message);
    return status;
  });
}

// The descriptor of a size query, completed as one invocation of `op` would see it.
template <typename Desc>
int32_t prepare_query(pcd_context* context, OpId op, const Desc* given, uint64_t* bytes, Desc* desc,
                      std::string& message) {
  if (bytes == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: bytes is NULL", op_name(op));
  *bytes = 0;
  const int32_t status = read_struct(given, desc, op_name(op), message);
  if (status != PCD_OK) return status;
  Check check(context, op, Check::Mode::size, message);
  validate(check, *desc);
  return check.status();
}

template <typename Desc>
int32_t workspace_size(pcd_context* context, OpId first, OpId last, const Desc* given, uint64_t* bytes) noexcept {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    uint64_t largest = 0;
    for (const OpId op : {first, last}) {
      Desc desc;
      int32_t status = prepare_query(context, op, given, bytes, &desc, message);
      if (status != PCD_OK) return status;
      if (is_backward(op) && (desc.flags & PCD_FLAG_INFERENCE) != 0) continue;
      uint64_t needed = 0;
      status = context->backend->workspace_size(op, &desc, &needed, message);
      if (status != PCD_OK) return fail(message, status, "%s: %s", op_name(op), message.c_str());
      largest = std::max(largest, needed);
    }
    *bytes = largest;
    return PCD_OK;
  });
}

template <typename Desc>
int32_t saved_size(pcd_context* context, OpId op, const Desc* given, uint64_t* bytes) noexcept {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    Desc desc;
    int32_t status = prepare_query(context, op, given, bytes, &desc, message);
    if (status != PCD_OK || (desc.flags & PCD_FLAG_INFERENCE) != 0) return status;
    status = context->backend->saved_size(op, &desc, bytes, message);
    return status == PCD_OK ? status : fail(message, status, "%s: %s", op_name(op), message.c_str());
  });
}

}  // namespace
}  // namespace pcd

#define PCD_RUN(op, descriptor)                                                      \
  int32_t pcd_##op(pcd_stream* stream, const pcd_##descriptor##_desc* desc) {        \
    return pcd::run_op(stream, pcd::OpId::op, desc);                                 \
  }
PCD_OP_TABLE(PCD_RUN)
#undef PCD_RUN

#define PCD_WORKSPACE(descriptor, first, last)                                                                    \
  int32_t pcd_##descriptor##_workspace_size(pcd_context* context, const pcd_##descriptor##_desc* desc,            \
                                            uint64_t* bytes) {                                                    \
    return pcd::workspace_size(context, pcd::OpId::first, pcd::OpId::last, desc, bytes);                          \
  }
PCD_WORKSPACE_TABLE(PCD_WORKSPACE)
#undef PCD_WORKSPACE

#define PCD_SAVED(descriptor, op)                                                                             \
  int32_t pcd_##descriptor##_saved_size(pcd_context* context, const pcd_##descriptor##_desc* desc,            \
                                        uint64_t* bytes) {                                                    \
    return pcd::saved_size(context, pcd::OpId::op, desc, bytes);                                              \
  }
PCD_SAVED_TABLE(PCD_SAVED)
#undef PCD_SAVED

int32_t pcd_pack_size(pcd_context* context, const pcd_pack_entry* entry, uint64_t* bytes) {
  if (!pcd::live(context)) return PCD_ERROR_ARGUMENT;
  return pcd::enter(context, pcd::Door::work, [&](std::string& message) -> int32_t {
    if (bytes == nullptr) return pcd::fail(message, PCD_ERROR_ARGUMENT, "pack_size: bytes is NULL");
    if (entry == nullptr) return pcd::fail(message, PCD_ERROR_ARGUMENT, "pack_size: entry is NULL");
    *bytes = 0;
    pcd::Check check(context, "pack_size", message);
    pcd::validate_pack_entry(check, "entry", *entry);
    if (!check.ok()) return check.status();
    const int32_t status = context->backend->pack_size(*entry, bytes, message);
    return status == PCD_OK ? status : pcd::fail(message, status, "pack_size: %s", message.c_str());
  });
}
