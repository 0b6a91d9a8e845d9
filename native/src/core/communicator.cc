// SPDX-License-Identifier: Apache-2.0
//
// Communicators: their making, their end, what they count.
#include <cstring>
#include <memory>

#include "core/handles.h"
#include "core/plugins.h"
#include "core/sized_struct.h"
#include "core/transport.h"

namespace pcd {
namespace {

const char* kind_name(int32_t kind) {
  switch (kind) {
    case PCD_COMMUNICATOR_SINGLE: return "SINGLE";
    case PCD_COMMUNICATOR_NCCL: return "NCCL";
    case PCD_COMMUNICATOR_MPI: return "MPI";
    default: return nullptr;
  }
}

int32_t check_kind(int32_t kind, const char* name, std::string& message) {
  if (kind_name(kind) != nullptr) return PCD_OK;
  return fail(message, PCD_ERROR_ARGUMENT, "%s: kind is %d, expected PCD_COMMUNICATOR_SINGLE (0), _NCCL (1) or "
              "_MPI (2)", name, static_cast<int>(kind));
}

// NCCL's transports come from the backend's own plug-in, so that both use one CUDA run time.
int32_t find_transport(int32_t kind, const Plugin* backend, const TransportPlugin** transport, std::string& message) {
  if (kind == PCD_COMMUNICATOR_MPI) return find_mpi(transport, message);
  *transport = backend->transport;
  if (*transport != nullptr) return PCD_OK;
  return fail(message, PCD_ERROR_UNSUPPORTED, "NCCL moves memory of GPUs and this is the %s backend; ranks of the CPU "
              "meet by MPI", backend_name(backend->backend));
}

int32_t check_backend(const pcd_communicator_desc& desc, const pcd_context* context, std::string& message) {
  if (desc.kind != PCD_COMMUNICATOR_MPI || context->backend_kind == PCD_BACKEND_CPU) return PCD_OK;
  return fail(message, PCD_ERROR_UNSUPPORTED, "MPI moves memory of the host and this is the %s backend; ranks with "
              "GPUs meet by NCCL", backend_name(context->backend_kind));
}

int32_t check_ranks(const pcd_communicator_desc& desc, std::string& message) {
  const bool single = desc.kind == PCD_COMMUNICATOR_SINGLE;
  if (desc.ranks >= 1 && desc.rank >= 0 && desc.rank < desc.ranks && (!single || desc.ranks == 1)) return PCD_OK;
  return fail(message, PCD_ERROR_ARGUMENT, "rank is %d of %d, expected %s", static_cast<int>(desc.rank),
              static_cast<int>(desc.ranks), single ? "0 of 1 for PCD_COMMUNICATOR_SINGLE" : "0 to ranks - 1");
}

// Of a kind that no context has been named for.
int32_t find_library(int32_t kind, const char* name, const TransportPlugin** transport, std::string& message) {
  *transport = nullptr;
  int32_t status = check_kind(kind, name, message);
  if (status != PCD_OK || kind == PCD_COMMUNICATOR_SINGLE) return status;
  const Plugin* backend = nullptr;
  if (kind == PCD_COMMUNICATOR_NCCL) {
    status = find_plugin(PCD_BACKEND_CUDA, &backend, message);
    // The executor's NCCL is a test's, and no remedy for whoever has no GPU.
    std::string ignored;
    if (status != PCD_OK && find_plugin(PCD_BACKEND_SIMT, &backend, ignored) != PCD_OK) return status;
  }
  return find_transport(kind, backend, transport, message);
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
    int32_t status = read_struct(desc, &given, name, message);
    if (status == PCD_OK) status = check_kind(given.kind, name, message);
    if (status != PCD_OK) return status;
    status = check_ranks(given, message);
    if (status == PCD_OK) status = check_backend(given, context, message);
    auto made = std::make_unique<pcd_communicator>();
    made->context = context;
    made->kind = given.kind;
    made->rank = given.rank;
    made->ranks = given.ranks;
    if (status == PCD_OK && given.kind != PCD_COMMUNICATOR_SINGLE) {
      status = find_transport(given.kind, context->plugin, &made->plugin, message);
    }
    if (status != PCD_OK) return fail(message, status, "%s: %s", name, message.c_str());
    handle_add(made.get(), Handle::communicator);
    if (made->plugin != nullptr) {
      status = made->plugin->create(context->backend, given, &made->transport, message);
      if (status != PCD_OK) {
        handle_remove(made.get());
        return fail(message, status, "%s: rank %d of %d: %s", name, static_cast<int>(given.rank),
                    static_cast<int>(given.ranks), message.c_str());
      }
    }
    ++context->communicators;
    *communicator = made.release();
    return PCD_OK;
  });
}

int32_t pcd_communicator_destroy(pcd_communicator* communicator) {
  if (communicator == nullptr) return PCD_OK;
  return enter_with(communicator, Door::cleanup, [&](std::string& message) -> int32_t {
    if (communicator->graphs > 0) {
      return fail(message, PCD_ERROR_ARGUMENT, "pcd_communicator_destroy: %lld graphs hold it; destroy them first",
                  static_cast<long long>(communicator->graphs));
    }
    --communicator->context->communicators;
    if (communicator->aborted.load(std::memory_order_acquire)) --communicator->context->aborted;
    handle_remove(communicator);
    if (communicator->transport != nullptr) communicator->plugin->destroy(communicator->transport);
    delete communicator;
    return PCD_OK;
  });
}

// Not through the context's door: whoever waits inside it is to be released.
int32_t pcd_communicator_abort(pcd_communicator* communicator) {
  if (!live(communicator)) return PCD_ERROR_ARGUMENT;
  if (communicator->aborted.exchange(true, std::memory_order_acq_rel)) return PCD_OK;
  communicator->context->aborted.fetch_add(1, std::memory_order_acq_rel);
  if (communicator->transport != nullptr) communicator->transport->abort();
  return PCD_OK;
}

int32_t pcd_communicator_status(pcd_communicator* communicator) {
  return enter_with(communicator, Door::work, [&](std::string& message) -> int32_t {
    if (communicator->aborted.load(std::memory_order_acquire)) {
      return fail(message, PCD_ERROR_COMMUNICATION,
                  "pcd_communicator_status: the communicator was aborted; destroy it");
    }
    if (communicator->transport == nullptr) return PCD_OK;
    const int32_t status = communicator->transport->status(message);
    if (status == PCD_OK) return status;
    return fail(message, status, "pcd_communicator_status: %s", message.c_str());
  });
}

int32_t pcd_communicator_query(pcd_communicator* communicator, pcd_communicator_info* info) {
  return enter_with(communicator, Door::cleanup, [&](std::string& message) {
    pcd_communicator_info filled;
    std::memset(&filled, 0, sizeof(filled));
    filled.kind = communicator->kind;
    filled.rank = communicator->rank;
    filled.ranks = communicator->ranks;
    filled.collectives = communicator->collectives;
    filled.bytes = communicator->bytes;
    filled.waited = communicator->waited;
    return write_struct(filled, info, "pcd_communicator_query", message);
  });
}

int32_t pcd_communicator_library(int32_t kind, char* text, size_t capacity) {
  std::string found;
  const int32_t status = no_throw(found, [&]() -> int32_t {
    const TransportPlugin* transport = nullptr;
    const int32_t known = find_library(kind, "pcd_communicator_library", &transport, found);
    if (known != PCD_OK) return known;
    if (transport != nullptr) return transport->library(found);
    found = "one rank needs none";
    return PCD_OK;
  });
  copy_text(found, text, capacity);
  return status;
}

int32_t pcd_communicator_unique_id(int32_t kind, uint8_t* id, char* message, size_t capacity) {
  std::string sentence;
  const int32_t status = no_throw(sentence, [&]() -> int32_t {
    const char* const name = "pcd_communicator_unique_id";
    if (id == nullptr) return fail(sentence, PCD_ERROR_ARGUMENT, "%s: id is NULL", name);
    std::memset(id, 0, sizeof(pcd_communicator_desc::unique_id));
    const TransportPlugin* transport = nullptr;
    const int32_t known = find_library(kind, name, &transport, sentence);
    if (known != PCD_OK) return known;
    if (transport == nullptr || transport->unique_id == nullptr) {
      return fail(sentence, PCD_ERROR_ARGUMENT, "%s: ranks of kind %s need no id", name, kind_name(kind));
    }
    return transport->unique_id(id, sentence);
  });
  copy_text(sentence, message, capacity);
  return status;
}
