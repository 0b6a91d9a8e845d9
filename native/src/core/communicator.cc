// SPDX-License-Identifier: Apache-2.0
//
// Communicators and collectives. With one rank a sum is its only summand and a gathered tensor is the source: those in
// place do nothing, those with a target are a copy, which a recording graph takes as the op `copy`.
#include <cstring>
#include <memory>

#include "core/check.h"
#include "core/graph.h"
#include "core/sized_struct.h"

namespace pcd {
namespace {

constexpr unsigned kSummable = type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16) | type_bit(PCD_DTYPE_F64) |
                               type_bit(PCD_DTYPE_I32) | type_bit(PCD_DTYPE_I64) | type_bit(PCD_DTYPE_U64);

int32_t check_usable(const pcd_communicator* communicator, const char* name, std::string& message) {
  if (!communicator->aborted) return PCD_OK;
  return fail(message, PCD_ERROR_COMMUNICATION, "%s: the communicator was aborted; destroy it", name);
}

int32_t check_pair(const pcd_communicator* communicator, const pcd_stream* stream, const char* name,
                   std::string& message) {
  const int32_t status = check_sibling(stream, communicator->context, "stream", message);
  return status != PCD_OK ? status : check_usable(communicator, name, message);
}

// One tensor, in place.
int32_t check_in_place(pcd_communicator* communicator, const char* name, const pcd_tensor* given, bool sum,
                       std::string& message) {
  if (given == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: the tensor is NULL", name);
  pcd_tensor tensor = *given;
  Check check(communicator->context, name, message);
  check.any("tensor", tensor, Use::update);
  if (!check.ok()) return check.status();
  check.require(!sum || (kSummable & type_bit(tensor.dtype)) != 0, PCD_ERROR_SHAPE, "%s cannot be summed",
                dtype_name(tensor.dtype));
  return check.status();
}

// Source to target of the same type; with one rank both have one size.
int32_t copy_over(pcd_communicator* communicator, pcd_stream* stream, const char* name, const pcd_tensor* source,
                  const pcd_tensor* target, bool sum, std::string& message) {
  if (source == nullptr || target == nullptr) {
    return fail(message, PCD_ERROR_ARGUMENT, "%s: %s is NULL", name, source == nullptr ? "source" : "target");
  }
  pcd_copy_desc desc;
  std::memset(&desc, 0, sizeof(desc));
  desc.struct_size = sizeof(desc);
  desc.source = *source;
  desc.target = *target;
  Check check(communicator->context, name, message);
  check.may_alias("source", "target");
  check.any("source", desc.source, Use::read);
  check.any("target", desc.target, Use::write);
  check.overlaps();
  if (!check.ok()) return check.status();
  check.require(desc.source.dtype == desc.target.dtype && elements(desc.source) == elements(desc.target),
                PCD_ERROR_SHAPE, "target is %s, expected the type and size of source, %s, as there is one rank",
                describe(desc.target).c_str(), describe(desc.source).c_str());
  check.require(!sum || (kSummable & type_bit(desc.source.dtype)) != 0, PCD_ERROR_SHAPE, "%s cannot be summed",
                dtype_name(desc.source.dtype));
  if (!check.ok()) return check.status();
  if (data<char>(desc.source) == data<char>(desc.target)) return PCD_OK;
  return submit(stream, OpId::copy, &desc, sizeof(desc), check, message);
}

// The door of a collective: what fails while recording fails the graph.
template <typename Body>
int32_t collective(pcd_communicator* communicator, pcd_stream* stream, const char* name, Body&& body) noexcept {
  return enter_with(communicator, Door::work, [&](std::string& message) -> int32_t {
    int32_t status = check_pair(communicator, stream, name, message);
    if (status != PCD_OK) return status;
    status = body(message);
    if (status != PCD_OK) note_failure(stream, status, message);
    return status;
  });
}

}  // namespace
}  // namespace pcd

using namespace pcd;

int32_t pcd_communicator_create(pcd_context* context, const pcd_communicator_desc* desc,
                                pcd_communicator** communicator) {
  if (!live(context)) return PCD_ERROR_ARGUMENT;
  return enter(context, Door::work, [&](std::string& message) -> int32_t {
    const char* const name = "pcd_communicator_create";
    if (communicator == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: communicator is NULL", name);
    *communicator = nullptr;
    pcd_communicator_desc given;
    const int32_t status = read_struct(desc, &given, name, message);
    if (status != PCD_OK) return status;
    if (given.kind == PCD_COMMUNICATOR_NCCL || given.kind == PCD_COMMUNICATOR_MPI) {
      return fail(message, PCD_ERROR_UNSUPPORTED, "%s: this build has no %s communicator; it runs one rank, "
                  "PCD_COMMUNICATOR_SINGLE", name, given.kind == PCD_COMMUNICATOR_NCCL ? "NCCL" : "MPI");
    }
    if (given.kind != PCD_COMMUNICATOR_SINGLE) {
      return fail(message, PCD_ERROR_ARGUMENT, "%s: kind is %d, expected PCD_COMMUNICATOR_SINGLE (0), _NCCL (1) or "
                  "_MPI (2)", name, static_cast<int>(given.kind));
    }
    if (given.rank != 0 || given.ranks != 1) {
      return fail(message, PCD_ERROR_ARGUMENT, "%s: rank is %d of %d, expected 0 of 1 for PCD_COMMUNICATOR_SINGLE",
                  name, static_cast<int>(given.rank), static_cast<int>(given.ranks));
    }
    auto made = std::make_unique<pcd_communicator>();
    made->context = context;
    handle_add(made.get(), Handle::communicator);
    ++context->communicators;
    *communicator = made.release();
    return PCD_OK;
  });
}

int32_t pcd_communicator_destroy(pcd_communicator* communicator) {
  if (communicator == nullptr) return PCD_OK;
  return enter_with(communicator, Door::cleanup, [&](std::string&) {
    --communicator->context->communicators;
    handle_remove(communicator);
    delete communicator;
    return PCD_OK;
  });
}

int32_t pcd_communicator_abort(pcd_communicator* communicator) {
  return enter_with(communicator, Door::cleanup, [&](std::string&) {
    communicator->aborted = true;
    return PCD_OK;
  });
}

int32_t pcd_communicator_status(pcd_communicator* communicator) {
  return enter_with(communicator, Door::work, [&](std::string& message) {
    return check_usable(communicator, "pcd_communicator_status", message);
  });
}

int32_t pcd_all_reduce(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor) {
  return collective(communicator, stream, "all_reduce", [&](std::string& message) {
    return check_in_place(communicator, "all_reduce", tensor, true, message);
  });
}

int32_t pcd_all_gather(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                       const pcd_tensor* target) {
  return collective(communicator, stream, "all_gather", [&](std::string& message) {
    return copy_over(communicator, stream, "all_gather", source, target, false, message);
  });
}

int32_t pcd_reduce_scatter(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                           const pcd_tensor* target) {
  return collective(communicator, stream, "reduce_scatter", [&](std::string& message) {
    return copy_over(communicator, stream, "reduce_scatter", source, target, true, message);
  });
}

int32_t pcd_broadcast(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor, int32_t root) {
  return collective(communicator, stream, "broadcast", [&](std::string& message) -> int32_t {
    if (root < 0 || root >= communicator->ranks) {
      return fail(message, PCD_ERROR_ARGUMENT, "broadcast: root is %d, expected 0 to %d", static_cast<int>(root),
                  static_cast<int>(communicator->ranks - 1));
    }
    return check_in_place(communicator, "broadcast", tensor, false, message);
  });
}

int32_t pcd_barrier(pcd_communicator* communicator, pcd_stream* stream) {
  return collective(communicator, stream, "barrier", [](std::string&) { return PCD_OK; });
}
