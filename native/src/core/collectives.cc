// SPDX-License-Identifier: Apache-2.0
//
// Collectives: validation, then a transport. With one rank a sum is its only summand and a gathered tensor is the
// source: those in place do nothing, those with a target are a copy, which a recording graph takes as the op `copy`.
#include "core/collectives.h"

#include <chrono>
#include <cstring>

#include "core/check.h"
#include "core/graph.h"
#include "core/transport.h"

namespace pcd {
namespace {

constexpr unsigned kFloating = type_bit(PCD_DTYPE_F32) | type_bit(PCD_DTYPE_BF16) | type_bit(PCD_DTYPE_F64);
constexpr unsigned kSummable = kFloating | type_bit(PCD_DTYPE_I32) | type_bit(PCD_DTYPE_I64) | type_bit(PCD_DTYPE_U64);

int32_t call(pcd_stream* stream, const Collective& c, std::string& message) {
  Transport& transport = *c.communicator->transport;
  void* const native = stream->native;
  switch (c.id) {
    case CollectiveId::all_reduce:
      return transport.all_reduce(native, c.target, c.count, c.dtype, c.reduction, message);
    case CollectiveId::all_reduce_begin:
      return transport.all_reduce_begin(native, c.target, c.count, c.dtype, c.reduction, message);
    case CollectiveId::join: return transport.join(native, message);
    case CollectiveId::all_gather:
      return transport.all_gather(native, c.source, c.target, static_cast<uint64_t>(c.count), message);
    case CollectiveId::reduce_scatter:
      return transport.reduce_scatter(native, c.source, c.target, c.count, c.dtype, message);
    case CollectiveId::broadcast:
      return transport.broadcast(native, c.target, static_cast<uint64_t>(c.count), c.root, message);
    case CollectiveId::barrier: return transport.barrier(native, message);
  }
  return PCD_ERROR_INTERNAL;
}

int32_t check_usable(const Collective& c, std::string& message) {
  if (!c.communicator->aborted.load(std::memory_order_acquire)) return PCD_OK;
  return fail(message, PCD_ERROR_COMMUNICATION, "%s: the communicator was aborted; destroy it", c.name);
}

// The door of a collective: what fails while recording fails the graph.
template <typename Body>
int32_t door(pcd_communicator* communicator, pcd_stream* stream, CollectiveId id, const char* name,
             Body&& body) noexcept {
  return enter_with(communicator, Door::work, [&](std::string& message) -> int32_t {
    Collective collective{communicator, id, name};
    int32_t status = check_sibling(stream, communicator->context, "stream", message);
    if (status != PCD_OK) return status;
    status = check_usable(collective, message);
    if (status == PCD_OK) status = body(collective, message);
    if (status != PCD_OK) note_failure(stream, status, message);
    return status;
  });
}

void summable(Check& check, const pcd_tensor& tensor, int32_t reduction) {
  check.require((kSummable & type_bit(tensor.dtype)) != 0, PCD_ERROR_SHAPE, "%s cannot be summed",
                dtype_name(tensor.dtype));
  check.require(reduction == PCD_REDUCE_SUM || reduction == PCD_REDUCE_MEAN, PCD_ERROR_ARGUMENT,
                "reduction is %d, expected PCD_REDUCE_SUM (0) or PCD_REDUCE_MEAN (1)", static_cast<int>(reduction));
  check.require(reduction != PCD_REDUCE_MEAN || (kFloating & type_bit(tensor.dtype)) != 0, PCD_ERROR_SHAPE,
                "%s has no mean; sum it", dtype_name(tensor.dtype));
}

int32_t in_place(pcd_stream* stream, Collective& c, const pcd_tensor* given, bool sums, std::string& message) {
  if (given == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: the tensor is NULL", c.name);
  pcd_tensor tensor = *given;
  Check check(c.communicator->context, c.name, message);
  check.any("tensor", tensor, Use::update);
  if (!check.ok()) return check.status();
  if (sums) summable(check, tensor, c.reduction);
  if (!check.ok()) return check.status();
  c.source = c.target = data<char>(tensor);
  c.dtype = tensor.dtype;
  c.bytes = byte_count(tensor);
  c.count = sums ? elements(tensor) : static_cast<int64_t>(c.bytes);
  return c.communicator->transport == nullptr ? PCD_OK : submit(stream, c, check, message);
}

// Of `part` and `whole` one is the source. The whole has a part for each rank; the rank's own may be `part` itself.
int32_t between(pcd_stream* stream, Collective& c, const pcd_tensor* source, const pcd_tensor* target, bool sums,
                std::string& message) {
  if (source == nullptr || target == nullptr) {
    return fail(message, PCD_ERROR_ARGUMENT, "%s: %s is NULL", c.name, source == nullptr ? "source" : "target");
  }
  pcd_copy_desc desc;
  std::memset(&desc, 0, sizeof(desc));
  desc.struct_size = sizeof(desc);
  desc.source = *source;
  desc.target = *target;
  pcd_tensor& part = sums ? desc.target : desc.source;
  pcd_tensor& whole = sums ? desc.source : desc.target;
  Check check(c.communicator->context, c.name, message);
  check.may_alias("source", "target");
  check.any("source", desc.source, Use::read);
  check.any("target", desc.target, Use::write);
  if (!check.ok()) return check.status();
  const int32_t ranks = c.communicator->ranks;
  check.require(part.dtype == whole.dtype && elements(part) * ranks == elements(whole), PCD_ERROR_SHAPE,
                "source is %s and target %s; expected one type, and %s to be %d times the size of %s, a part for each "
                "rank", describe(desc.source).c_str(), describe(desc.target).c_str(), sums ? "source" : "target",
                static_cast<int>(ranks), sums ? "target" : "source");
  if (sums) summable(check, part, c.reduction);
  if (!check.ok()) return check.status();
  const uint64_t size = byte_count(part);
  const bool own = data<char>(part) == data<char>(whole) + size * static_cast<uint64_t>(c.communicator->rank);
  if (!own) check.overlaps();
  if (!check.ok()) return check.status();
  if (c.communicator->transport == nullptr) {
    return own ? PCD_OK : submit(stream, OpId::copy, &desc, sizeof(desc), check, message);
  }
  c.source = data<char>(desc.source);
  c.target = data<char>(desc.target);
  c.dtype = part.dtype;
  c.count = sums ? elements(part) : static_cast<int64_t>(size);
  c.bytes = byte_count(whole);
  return submit(stream, c, check, message);
}

int32_t without_tensor(pcd_stream* stream, const Collective& c, std::string& message) {
  if (c.communicator->transport == nullptr) return PCD_OK;
  const Check check(c.communicator->context, c.name, message);
  return submit(stream, c, check, message);
}

}  // namespace

int32_t run_collective(pcd_stream* stream, const Collective& c, std::string& message) {
  const int32_t usable = check_usable(c, message);
  if (usable != PCD_OK) return usable;
  pcd_communicator& communicator = *c.communicator;
  const auto begin = std::chrono::steady_clock::now();
  const int32_t status = call(stream, c, message);
  if (!stream->context->backend->captures_graphs()) {
    const auto took = std::chrono::steady_clock::now() - begin;
    communicator.waited += std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
  }
  if (status != PCD_OK) return fail(message, status, "%s: %s", c.name, message.c_str());
  if (c.id != CollectiveId::join) ++communicator.collectives;
  communicator.bytes += c.bytes;
  return PCD_OK;
}

}  // namespace pcd

using namespace pcd;

int32_t pcd_all_reduce(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor) {
  return door(communicator, stream, CollectiveId::all_reduce, "all_reduce", [&](Collective& c, std::string& message) {
    return in_place(stream, c, tensor, true, message);
  });
}

int32_t pcd_all_reduce_begin(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor,
                             int32_t reduction) {
  return door(communicator, stream, CollectiveId::all_reduce_begin, "all_reduce_begin",
              [&](Collective& c, std::string& message) {
                c.reduction = reduction;
                return in_place(stream, c, tensor, true, message);
              });
}

int32_t pcd_communicator_join(pcd_communicator* communicator, pcd_stream* stream) {
  return door(communicator, stream, CollectiveId::join, "communicator_join", [&](Collective& c, std::string& message) {
    return without_tensor(stream, c, message);
  });
}

int32_t pcd_all_gather(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                       const pcd_tensor* target) {
  return door(communicator, stream, CollectiveId::all_gather, "all_gather", [&](Collective& c, std::string& message) {
    return between(stream, c, source, target, false, message);
  });
}

int32_t pcd_reduce_scatter(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                           const pcd_tensor* target) {
  return door(communicator, stream, CollectiveId::reduce_scatter, "reduce_scatter",
              [&](Collective& c, std::string& message) {
                return between(stream, c, source, target, true, message);
              });
}

int32_t pcd_broadcast(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor, int32_t root) {
  return door(communicator, stream, CollectiveId::broadcast, "broadcast",
              [&](Collective& c, std::string& message) -> int32_t {
                if (root < 0 || root >= communicator->ranks) {
                  return fail(message, PCD_ERROR_ARGUMENT, "broadcast: root is %d, expected 0 to %d",
                              static_cast<int>(root), static_cast<int>(communicator->ranks - 1));
                }
                c.root = root;
                return in_place(stream, c, tensor, false, message);
              });
}

int32_t pcd_barrier(pcd_communicator* communicator, pcd_stream* stream) {
  return door(communicator, stream, CollectiveId::barrier, "barrier", [&](Collective& c, std::string& message) {
    return without_tensor(stream, c, message);
  });
}
