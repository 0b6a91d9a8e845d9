// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for NCCL's library: the entry points that src/cuda/nccl_library.h opens, for ranks that are threads of one
// process, each with a context of the SIMT executor, whose memory is the host's.
//
// As a communicator of NCCL that does not block, it answers "in progress" and puts its work into the stream on a thread
// of its own; while a stream records, the work becomes part of the graph. In the stream a collective waits until all
// ranks have come to it, or its own rank has been aborted; a lost rank is an asynchronous error of the others, which go
// on waiting. Sums are in the order of ranks. The test asks for faults by fake_nccl_*.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cuda/nccl_library.h"
#include "precordia/precordia.h"
#include "reference/cast.h"

namespace {

using namespace pcd::cuda::nccl;

constexpr int kAnswersInProgress = 3;  // after a call is done, so that one look is never enough
constexpr Result kInvalidArgument = static_cast<Result>(4);

enum class Kind { all_reduce, broadcast, all_gather, reduce_scatter };

struct Post {
  Comm comm;
  Kind kind;
  const void* from;
  void* to;
  size_t count;
  DataType type;
  Op op;
  int root;

  bool fits(const Post& other) const {
    return kind == other.kind && count == other.count && type == other.type && op == other.op && root == other.root;
  }
};

// The n-th collective of each rank.
struct Meeting {
  std::vector<const Post*> posts;
  int arrived = 0, left = 0;
  bool done = false;
};

struct Group {
  int ranks = 0;
  bool complete = false;  // all have joined, whoever has left since
  std::vector<Comm> comms;
  std::map<uint64_t, Meeting> meetings;
};

std::mutex mutex;
std::condition_variable changed;
std::map<std::string, std::shared_ptr<Group>> groups;
std::map<std::string, int> calls;
int version = 22803;
uint64_t last_id = 0;

}  // namespace

struct pcd::cuda::nccl::OpaqueComm {
  std::shared_ptr<Group> group;
  int rank = 0;
  uint64_t round = 0;
  int in_progress = kAnswersInProgress;
  int inside = 0;      // threads in a meeting
  bool waits = false;  // for other ranks, in a meeting
  bool working = false, aborted = false;
  Result error = kSuccess;
  std::thread worker;
  std::vector<std::unique_ptr<Post>> posts;  // graphs point to them
};

namespace {

std::vector<std::unique_ptr<OpaqueComm>> ended;  // kept: a graph may still come to their collectives

size_t size_of(DataType type) {
  switch (type) {
    case kInt8: return 1;
    case kBfloat16: return 2;
    case kInt32:
    case kFloat32: return 4;
    default: return 8;
  }
}

template <typename T>
T load(const void* from, size_t i) {
  T value;
  std::memcpy(&value, static_cast<const char*>(from) + i * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void store(std::vector<char>& to, size_t i, T value) {
  std::memcpy(to.data() + i * sizeof(T), &value, sizeof(T));
}

template <typename T>
void sum(const std::vector<const Post*>& posts, size_t begin, size_t count, std::vector<char>& to) {
  for (size_t i = 0; i < count; ++i) {
    T total = 0;
    for (const Post* post : posts) total = static_cast<T>(total + load<T>(post->from, begin + i));
    if (posts[0]->op == kAvg) total = static_cast<T>(total / static_cast<T>(posts.size()));
    store(to, i, total);
  }
}

void sum_bf16(const std::vector<const Post*>& posts, size_t begin, size_t count, std::vector<char>& to) {
  for (size_t i = 0; i < count; ++i) {
    double total = 0;
    for (const Post* post : posts) total += pcd::reference::from_bf16(load<uint16_t>(post->from, begin + i));
    if (posts[0]->op == kAvg) total /= static_cast<double>(posts.size());
    store(to, i, pcd::reference::to_bf16(total));
  }
}

// What the ranks' elements [begin, begin + count) come to.
std::vector<char> reduced(const std::vector<const Post*>& posts, size_t begin, size_t count) {
  const DataType type = posts[0]->type;
  std::vector<char> result(count * size_of(type));
  switch (type) {
    case kFloat32: sum<float>(posts, begin, count, result); break;
    case kFloat64: sum<double>(posts, begin, count, result); break;
    case kInt32: sum<int32_t>(posts, begin, count, result); break;
    case kInt64: sum<int64_t>(posts, begin, count, result); break;
    case kUint64: sum<uint64_t>(posts, begin, count, result); break;
    default: sum_bf16(posts, begin, count, result);
  }
  return result;
}

void append(std::vector<char>& all, const Post& post) {
  const char* const from = static_cast<const char*>(post.from);
  all.insert(all.end(), from, from + post.count * size_of(post.type));
}

// All is read before anything is written: sources and targets may be the same memory.
void carry_out(const std::vector<const Post*>& posts) {
  std::vector<std::vector<char>> results;
  for (size_t rank = 0; rank < posts.size(); ++rank) {
    const Post& post = *posts[rank];
    std::vector<char> result;
    if (post.kind == Kind::all_reduce) result = reduced(posts, 0, post.count);
    if (post.kind == Kind::reduce_scatter) result = reduced(posts, rank * post.count, post.count);
    if (post.kind == Kind::broadcast) append(result, *posts[static_cast<size_t>(post.root)]);
    if (post.kind == Kind::all_gather) {
      for (const Post* each : posts) append(result, *each);
    }
    results.push_back(std::move(result));
  }
  for (size_t rank = 0; rank < posts.size(); ++rank) {
    if (!results[rank].empty()) std::memcpy(posts[rank]->to, results[rank].data(), results[rank].size());
  }
}

// A rank comes to its collective, in its stream's order.
void meet(const Post& post) {
  std::unique_lock lock(mutex);
  const Comm comm = post.comm;
  if (comm->aborted) return;
  Group& group = *comm->group;
  const uint64_t round = comm->round++;
  Meeting& meeting = group.meetings[round];
  meeting.posts.resize(static_cast<size_t>(group.ranks));
  meeting.posts[static_cast<size_t>(comm->rank)] = &post;
  if (++meeting.arrived == group.ranks) {
    const auto fits = [&](const Post* other) { return other->fits(post); };
    if (std::all_of(meeting.posts.begin(), meeting.posts.end(), fits)) {
      carry_out(meeting.posts);
    } else {
      for (const Comm each : group.comms) each->error = kInvalidUsage;
    }
    meeting.done = true;
    for (const Post* other : meeting.posts) other->comm->waits = false;
  }
  ++comm->inside;
  comm->waits = !meeting.done;
  changed.notify_all();
  changed.wait(lock, [&] { return meeting.done || comm->aborted; });
  --comm->inside;
  // A meeting that somebody gave up is never complete.
  if (!meeting.done) --meeting.arrived;
  if (meeting.done && ++meeting.left == group.ranks) group.meetings.erase(round);
  changed.notify_all();
}

Result begin(Post post) {
  const Comm comm = post.comm;
  std::unique_lock lock(mutex);
  if (comm->aborted || comm->working) return kInvalidUsage;  // the one before is not over
  if (comm->error != kSuccess) return comm->error;
  if (comm->worker.joinable()) comm->worker.join();
  comm->posts.push_back(std::make_unique<Post>(post));
  comm->working = true;
  comm->in_progress = kAnswersInProgress;
  return kInProgress;
}

Result put(Post post, cudaStream_t stream) {
  const Result begun = begin(post);
  if (begun != kInProgress) return begun;
  const Comm comm = post.comm;
  Post* const kept = comm->posts.back().get();
  comm->worker = std::thread([comm, kept, stream] {
    cudaLaunchHostFunc(stream, [](void* data) { meet(*static_cast<Post*>(data)); }, kept);
    const std::lock_guard lock(mutex);
    comm->working = false;
  });
  return kInProgress;
}

void leave(Comm comm, bool lost) {
  {
    std::unique_lock lock(mutex);
    comm->aborted = true;
    changed.notify_all();
    changed.wait(lock, [&] { return comm->inside == 0; });
    std::vector<Comm>& comms = comm->group->comms;
    comms.erase(std::find(comms.begin(), comms.end(), comm));
    for (const Comm other : comms) {
      if (lost && other->error == kSuccess) other->error = kRemoteError;
    }
  }
  if (comm->worker.joinable()) comm->worker.join();
  const std::lock_guard lock(mutex);
  ended.emplace_back(comm);
}

void count(const char* name) {
  const std::lock_guard lock(mutex);
  ++calls[name];
}

}  // namespace

extern "C" {

PCD_API void fake_nccl_version(int value) { version = value; }

// How often a function of this name was called.
PCD_API int fake_nccl_count(const char* name) {
  const std::lock_guard lock(mutex);
  return calls[name];
}

// From now on each communicator's rank of this number has an asynchronous error.
PCD_API void fake_nccl_fail(int rank, int result) {
  const std::lock_guard lock(mutex);
  for (auto& [id, group] : groups) {
    for (const Comm comm : group->comms) {
      if (comm->rank == rank) comm->error = static_cast<Result>(result);
    }
  }
}

// Waits until so many ranks wait for others.
PCD_API void fake_nccl_await(int waiting) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] {
    int found = 0;
    for (auto& [id, group] : groups) {
      for (const Comm comm : group->comms) found += comm->waits ? 1 : 0;
    }
    return found == waiting;
  });
}

PCD_API Result ncclGetVersion(int* value) {
  *value = version;
  return kSuccess;
}

PCD_API Result ncclGetUniqueId(UniqueId* id) {
  const std::lock_guard lock(mutex);
  std::memset(id, 0, sizeof *id);
  ++last_id;
  std::memcpy(id->bytes, &last_id, sizeof last_id);
  return kSuccess;
}

PCD_API Result ncclCommInitRankConfig(Comm* comm, int ranks, UniqueId id, int rank, Config* config) {
  const bool ours = config->size >= offsetof(Config, blocking) + sizeof config->blocking &&
                    config->magic == 0xcafebeef && config->version >= 21400 && config->blocking == 0;
  if (!ours || rank < 0 || rank >= ranks) return kInvalidArgument;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Group>& group = groups[std::string(id.bytes, sizeof id.bytes)];
  if (group == nullptr) group = std::make_shared<Group>();
  if (group->ranks != 0 && group->ranks != ranks) return kInvalidUsage;
  group->ranks = ranks;
  *comm = new OpaqueComm;
  (*comm)->group = group;
  (*comm)->rank = rank;
  group->comms.push_back(*comm);
  group->complete = group->complete || static_cast<int>(group->comms.size()) == ranks;
  return kInProgress;
}

PCD_API Result ncclCommGetAsyncError(Comm comm, Result* error) {
  const std::lock_guard lock(mutex);
  const bool busy = comm->working || !comm->group->complete || comm->in_progress-- > 0;
  *error = comm->error != kSuccess ? comm->error : busy ? kInProgress : kSuccess;
  return kSuccess;
}

PCD_API Result ncclCommFinalize(Comm comm) {
  count("finalize");
  const std::lock_guard lock(mutex);
  comm->in_progress = kAnswersInProgress;
  return kInProgress;
}

PCD_API Result ncclCommDestroy(Comm comm) {
  count("destroy");
  leave(comm, false);
  return kSuccess;
}

PCD_API Result ncclCommAbort(Comm comm) {
  count("abort");
  leave(comm, true);
  return kSuccess;
}

PCD_API const char* ncclGetErrorString(Result result) {
  switch (result) {
    case kSuccess: return "no error";
    case kInvalidUsage: return "invalid usage";
    case kRemoteError: return "remote process exited or there was a network error";
    default: return "an error";
  }
}

PCD_API const char* ncclGetLastError(Comm) { return "told by the stand-in"; }

PCD_API Result ncclAllReduce(const void* from, void* to, size_t count, DataType type, Op op, Comm comm,
                             cudaStream_t stream) {
  return put({comm, Kind::all_reduce, from, to, count, type, op, 0}, stream);
}

PCD_API Result ncclBroadcast(const void* from, void* to, size_t count, DataType type, int root, Comm comm,
                             cudaStream_t stream) {
  return put({comm, Kind::broadcast, from, to, count, type, kSum, root}, stream);
}

PCD_API Result ncclAllGather(const void* from, void* to, size_t count, DataType type, Comm comm, cudaStream_t stream) {
  return put({comm, Kind::all_gather, from, to, count, type, kSum, 0}, stream);
}

PCD_API Result ncclReduceScatter(const void* from, void* to, size_t count, DataType type, Op op, Comm comm,
                                 cudaStream_t stream) {
  return put({comm, Kind::reduce_scatter, from, to, count, type, op, 0}, stream);
}
}
