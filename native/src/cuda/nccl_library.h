// SPDX-License-Identifier: Apache-2.0
//
// The part of NCCL's public ABI that is used, and the library of that ABI, opened at run time: no header of NCCL is
// needed to build. All of it is in NCCL 2.14 and later.
#ifndef PCD_CUDA_NCCL_LIBRARY_H
#define PCD_CUDA_NCCL_LIBRARY_H

#include <cuda_runtime.h>

#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

namespace pcd::cuda::nccl {

struct OpaqueComm;
using Comm = OpaqueComm*;

enum Result : int32_t { kSuccess = 0, kInvalidUsage = 5, kRemoteError = 6, kInProgress = 7 };
enum DataType : int32_t { kInt8 = 0, kInt32 = 2, kInt64 = 4, kUint64 = 5, kFloat32 = 7, kFloat64 = 8, kBfloat16 = 9 };
enum Op : int32_t { kSum = 0, kAvg = 4 };

struct UniqueId {
  char bytes[128];
};

// Its first version, that of NCCL 2.14, which later libraries read too: they go by `size` and `version`.
struct Config {
  size_t size = 20;  // up to and with `blocking`
  uint32_t magic = 0xcafebeef;
  uint32_t version = 21400;
  int32_t blocking = 0;
};
static_assert(offsetof(Config, blocking) == 16);

constexpr int kOldestVersion = 21400;  // communicators that do not block

// As NCCL declares them, without the prefix `nccl`.
struct Library {
  Result (*GetVersion)(int* version);
  Result (*GetUniqueId)(UniqueId* id);
  Result (*CommInitRankConfig)(Comm* comm, int ranks, UniqueId id, int rank, Config* config);
  Result (*CommFinalize)(Comm comm);
  Result (*CommDestroy)(Comm comm);
  Result (*CommAbort)(Comm comm);
  Result (*CommGetAsyncError)(Comm comm, Result* error);
  const char* (*GetErrorString)(Result result);
  const char* (*GetLastError)(Comm comm);
  Result (*AllReduce)(const void* from, void* to, size_t count, DataType type, Op op, Comm comm, cudaStream_t stream);
  Result (*Broadcast)(const void* from, void* to, size_t count, DataType type, int root, Comm comm,
                      cudaStream_t stream);
  Result (*AllGather)(const void* from, void* to, size_t count, DataType type, Comm comm, cudaStream_t stream);
  Result (*ReduceScatter)(const void* from, void* to, size_t count, DataType type, Op op, Comm comm,
                          cudaStream_t stream);

  int version;
  std::string file;
};

// The library is PRECORDIA_NCCL of the environment, else libnccl.so.2 or libnccl.so as the loader finds them; the SIMT
// executor has none but what PRECORDIA_NCCL names. Opened once and never closed; a failure is not remembered.
// PCD_ERROR_NO_PLUGIN: missing, too old, or something else than NCCL.
int32_t open_library(const Library** library, std::string& message);

// "2.28.3"
std::string version_text(int version);

}  // namespace pcd::cuda::nccl

#endif
