// SPDX-License-Identifier: Apache-2.0
//
// What moves tensors between ranks, behind pcd_communicator: MPI in a plug-in of its own (src/mpi), NCCL in the CUDA
// plug-in. The core validates, records, counts and keeps all text; one rank needs no transport.
//
// `stream` is the backend's handle; a transport of a backend that executes at the call has done its work when it
// returns. As with backends nothing throws, and a failure leaves one sentence in `message`. One thread at a time calls,
// except for abort.
#ifndef PCD_CORE_TRANSPORT_H
#define PCD_CORE_TRANSPORT_H

#include <cstdint>
#include <string>

#include "precordia/precordia.h"

namespace pcd {

class Backend;

class Transport {
 public:
  virtual ~Transport() = default;

  // In place; `count` elements. Sums of F32, BF16, F64, I32, I64, U64; means of the floating types.
  virtual int32_t all_reduce(void* stream, void* data, int64_t count, int32_t dtype, int32_t reduction,
                             std::string& message) = 0;
  // The same beside what the stream does next, until join.
  virtual int32_t all_reduce_begin(void* stream, void* data, int64_t count, int32_t dtype, int32_t reduction,
                                   std::string& message) = 0;
  virtual int32_t join(void* stream, std::string& message) = 0;
  // `bytes` of each rank's source, which may be its own part of target.
  virtual int32_t all_gather(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) = 0;
  // `count` elements of each rank's target, which may be its own part of source.
  virtual int32_t reduce_scatter(void* stream, const void* source, void* target, int64_t count, int32_t dtype,
                                 std::string& message) = 0;
  virtual int32_t broadcast(void* stream, void* data, uint64_t bytes, int32_t root, std::string& message) = 0;
  virtual int32_t barrier(void* stream, std::string& message) = 0;

  virtual int32_t status(std::string& message) = 0;
  // From any thread, also while another one is inside any of the others, which then returns PCD_ERROR_COMMUNICATION.
  virtual void abort() noexcept = 0;
};

// How transports of a kind are made. In backend.h's Plugin (NCCL), or what libprecordia_mpi exports as `pcd_mpi_v1`.
struct TransportPlugin {
  uint32_t struct_size;
  const char* build_id;
  int32_t (*library)(std::string& text);  // its name and version, or why it cannot be had
  int32_t (*unique_id)(uint8_t* id, std::string& message);  // null: ranks need none
  int32_t (*create)(Backend* backend, const pcd_communicator_desc& desc, Transport** transport, std::string& message);
  void (*destroy)(Transport* transport);
};

}  // namespace pcd

extern "C" {
typedef const pcd::TransportPlugin* (*pcd_mpi_v1_fn)(uint32_t struct_size, const char* build_id);
}

#endif
