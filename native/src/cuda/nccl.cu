// SPDX-License-Identifier: Apache-2.0
//
// Collectives of ranks that have a GPU each, by NCCL.
//
// The communicator does not block: a call of NCCL that waits for other ranks says so, and is asked again until it is
// done, the communicator is aborted, or PRECORDIA_NCCL_TIMEOUT seconds (120) have passed. What was put into a stream
// is watched by nobody here: kernels of NCCL wait for a lost rank for ever. Whoever learns of the loss, by a channel of
// its own, calls abort on each rank that is left; the kernels then end and the stream can be waited for.
//
// In a stream that captures, NCCL's kernels become nodes of the graph. NCCL may do that on a thread of its own, so a
// call is only over when NCCL says so. It counts the graphs that hold a communicator, and neither its destroy nor its
// abort returns before they are gone: abort therefore has a thread, and the destructor waits for it.
#include "cuda/nccl.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "core/backend.h"
#include "cuda/nccl_library.h"
#include "cuda/queue.h"

namespace pcd::cuda {
namespace {

using nccl::Result;
using std::chrono::steady_clock;

// How long abort lets another thread leave a call of NCCL, before it ends the communicator under it: that call may
// itself wait for kernels which only the abort can end.
constexpr std::chrono::seconds kGrace{5};

nccl::DataType data_type(int32_t dtype) {
  switch (dtype) {
    case PCD_DTYPE_F32: return nccl::kFloat32;
    case PCD_DTYPE_BF16: return nccl::kBfloat16;
    case PCD_DTYPE_F64: return nccl::kFloat64;
    case PCD_DTYPE_I32: return nccl::kInt32;
    case PCD_DTYPE_I64: return nccl::kInt64;
    default: return nccl::kUint64;  // the core lets nothing else be summed
  }
}

int32_t read_limit(std::chrono::seconds* limit, std::string& message) {
  const char* const text = std::getenv("PRECORDIA_NCCL_TIMEOUT");
  if (text == nullptr || *text == 0) return PCD_OK;
  char* end = nullptr;
  const long seconds = std::strtol(text, &end, 10);
  if (*end != 0 || seconds < 1 || seconds > 86400) {
    message = std::string("PRECORDIA_NCCL_TIMEOUT is \"") + text + "\", expected 1 to 86400 seconds";
    return PCD_ERROR_ARGUMENT;
  }
  *limit = std::chrono::seconds(seconds);
  return PCD_OK;
}

class NcclTransport final : public Transport {
 public:
  NcclTransport(Backend* backend, const nccl::Library& library) : backend_(backend), library_(library) {}

  ~NcclTransport() override {
    if (aborter_.joinable()) aborter_.join();
    finish();
    if (word_ != nullptr) backend_->release(word_, PCD_MEMORY_DEVICE);
    if (arrived_ != nullptr) backend_->event_destroy(arrived_);
    if (forked_ != nullptr) backend_->event_destroy(forked_);
    if (beside_ != nullptr) backend_->stream_destroy(beside_);
  }

  int32_t open(const pcd_communicator_desc& desc, std::string& message) {
    int32_t status = read_limit(&limit_, message);
    if (status == PCD_OK) status = backend_->stream_create(&beside_, message);
    if (status == PCD_OK) status = report(cudaGetDevice(&device_), "device", message);
    if (status == PCD_OK) status = backend_->event_create(&forked_, message);
    if (status == PCD_OK) status = backend_->event_create(&arrived_, message);
    if (status == PCD_OK) status = backend_->allocate(sizeof(int32_t), PCD_MEMORY_DEVICE, &word_, message);
    const int32_t zero = 0;
    if (status == PCD_OK) status = backend_->upload(beside_, &zero, word_, sizeof(zero), message);
    if (status != PCD_OK) return status;
    nccl::UniqueId id;
    static_assert(sizeof(id) == sizeof(desc.unique_id));
    std::memcpy(&id, desc.unique_id, sizeof(id));
    nccl::Config config;
    status = call("communicator", message,
                  [&] { return library_.CommInitRankConfig(&comm_, desc.ranks, id, desc.rank, &config); });
    if (status != PCD_OK && timed_out_) message += "; are all ranks running, and do they have the same id?";
    return status;
  }

  int32_t all_reduce(void* stream, void* data, int64_t count, int32_t dtype, int32_t reduction,
                     std::string& message) override {
    const int32_t status = in_turn(stream, message);
    return status != PCD_OK ? status : reduce(stream, data, count, dtype, reduction, message);
  }

  int32_t all_reduce_begin(void* stream, void* data, int64_t count, int32_t dtype, int32_t reduction,
                           std::string& message) override {
    int32_t status = backend_->event_record(forked_, stream, message);
    if (status == PCD_OK) status = backend_->event_wait(forked_, beside_, message);
    if (status != PCD_OK) return status;
    under_way_ = true;
    return reduce(beside_, data, count, dtype, reduction, message);
  }

  int32_t join(void* stream, std::string& message) override {
    const int32_t status = in_turn(stream, message);
    if (status == PCD_OK) under_way_ = false;
    return status;
  }

  int32_t all_gather(void* stream, const void* source, void* target, uint64_t bytes, std::string& message) override {
    const int32_t status = in_turn(stream, message);
    if (status != PCD_OK) return status;
    return call("all_gather", message, [&] {
      return library_.AllGather(source, target, bytes, nccl::kInt8, comm_, static_cast<cudaStream_t>(stream));
    });
  }

  int32_t reduce_scatter(void* stream, const void* source, void* target, int64_t count, int32_t dtype,
                         std::string& message) override {
    const int32_t status = in_turn(stream, message);
    if (status != PCD_OK) return status;
    return call("reduce_scatter", message, [&] {
      return library_.ReduceScatter(source, target, static_cast<size_t>(count), data_type(dtype), nccl::kSum, comm_,
                                    static_cast<cudaStream_t>(stream));
    });
  }

  int32_t broadcast(void* stream, void* data, uint64_t bytes, int32_t root, std::string& message) override {
    const int32_t status = in_turn(stream, message);
    if (status != PCD_OK) return status;
    return call("broadcast", message, [&] {
      return library_.Broadcast(data, data, bytes, nccl::kInt8, root, comm_, static_cast<cudaStream_t>(stream));
    });
  }

  // NCCL has none: a sum that nobody reads.
  int32_t barrier(void* stream, std::string& message) override {
    return all_reduce(stream, word_, 1, PCD_DTYPE_I32, PCD_REDUCE_SUM, message);
  }

  int32_t status(std::string& message) override {
    const std::lock_guard lock(calls_);
    if (aborted_) return was_aborted(message);
    const Result result = async_error();
    return result == nccl::kInProgress ? PCD_OK : report_nccl(result, "asynchronous error", message);
  }

  void abort() noexcept override {
    if (aborted_.exchange(true)) return;
    try {
      aborter_ = std::thread([this] { end(); });
    } catch (const std::system_error&) {
      end();
    }
  }

 private:
  // A collective comes after those that run beside, on whichever stream: NCCL wants one order on all ranks.
  int32_t in_turn(void* stream, std::string& message) {
    if (!under_way_) return PCD_OK;
    const int32_t status = backend_->event_record(arrived_, beside_, message);
    return status != PCD_OK ? status : backend_->event_wait(arrived_, stream, message);
  }

  int32_t reduce(void* stream, void* data, int64_t count, int32_t dtype, int32_t reduction, std::string& message) {
    const nccl::Op op = reduction == PCD_REDUCE_MEAN ? nccl::kAvg : nccl::kSum;
    return call("all_reduce", message, [&] {
      return library_.AllReduce(data, data, static_cast<size_t>(count), data_type(dtype), op, comm_,
                                static_cast<cudaStream_t>(stream));
    });
  }

  // Begins a call of NCCL and waits until it is done, which may be before the stream has run it.
  template <typename Begin>
  int32_t call(const char* what, std::string& message, const Begin& begin) {
    const int32_t status = report(cudaSetDevice(device_), "device", message);
    if (status != PCD_OK) return status;
    Result result;
    {
      const std::lock_guard lock(calls_);
      if (aborted_) return was_aborted(message);
      result = begin();
    }
    return settle(result, what, message);
  }

  int32_t settle(Result result, const char* what, std::string& message) {
    const auto last = steady_clock::now() + limit_;
    std::chrono::microseconds pause{10};
    while (result == nccl::kInProgress) {
      if (steady_clock::now() > last) {
        timed_out_ = true;
        message = std::string("NCCL, ") + what + ": not done in " + std::to_string(limit_.count()) +
                  " s (PRECORDIA_NCCL_TIMEOUT)";
        return PCD_ERROR_COMMUNICATION;
      }
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, std::chrono::microseconds(1000));
      const std::lock_guard lock(calls_);
      if (aborted_) return was_aborted(message);
      result = async_error();
    }
    const std::lock_guard lock(calls_);
    return aborted_ ? was_aborted(message) : report_nccl(result, what, message);
  }

  Result async_error() const {
    Result result = nccl::kSuccess;
    const Result asked = library_.CommGetAsyncError(comm_, &result);
    return asked == nccl::kSuccess ? result : asked;
  }

  int32_t report_nccl(Result result, const char* what, std::string& message) const {
    if (result == nccl::kSuccess) return PCD_OK;
    message = std::string("NCCL, ") + what + ": " + library_.GetErrorString(result) + " (" +
              std::to_string(static_cast<int>(result)) + ")";
    const char* const last = library_.GetLastError(comm_);
    if (last != nullptr && *last != 0) message += std::string(": ") + last;
    return PCD_ERROR_COMMUNICATION;
  }

  static int32_t was_aborted(std::string& message) {
    message = "the communicator was aborted; destroy it";
    return PCD_ERROR_COMMUNICATION;
  }

  // Nobody begins a call any more; who is inside one is waited for, but not while NCCL waits for graphs.
  void end() noexcept {
    const auto last = steady_clock::now() + kGrace;
    for (bool outside = false; !outside && steady_clock::now() < last;) {
      outside = calls_.try_lock();
      outside ? calls_.unlock() : std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (comm_ != nullptr) library_.CommAbort(comm_);
  }

  // Of a communicator in order a peaceful end; NCCL waits in it for what is under way.
  void finish() noexcept {
    if (comm_ == nullptr || aborted_) return;
    std::string ignored;
    const bool peaceful = !timed_out_ && status(ignored) == PCD_OK &&
                          call("finalize", ignored, [&] { return library_.CommFinalize(comm_); }) == PCD_OK;
    peaceful ? library_.CommDestroy(comm_) : library_.CommAbort(comm_);
  }

  Backend* const backend_;
  const nccl::Library& library_;
  std::chrono::seconds limit_{120};
  int device_ = 0;
  nccl::Comm comm_ = nullptr;
  void* beside_ = nullptr;   // the stream of all_reduce_begin
  void* forked_ = nullptr;   // event: what it waits for
  void* arrived_ = nullptr;  // event: that others wait for
  void* word_ = nullptr;     // of the barrier, on the device
  bool under_way_ = false;   // something was begun and not joined
  bool timed_out_ = false;
  std::mutex calls_;         // held in calls of NCCL
  std::atomic<bool> aborted_{false};
  std::thread aborter_;
};

int32_t library(std::string& text) {
  const nccl::Library* found = nullptr;
  const int32_t status = nccl::open_library(&found, text);
  if (status == PCD_OK) text = "NCCL " + nccl::version_text(found->version) + ", " + found->file;
  return status;
}

int32_t unique_id(uint8_t* id, std::string& message) {
  const nccl::Library* found = nullptr;
  const int32_t status = nccl::open_library(&found, message);
  if (status != PCD_OK) return status;
  nccl::UniqueId made;
  const Result result = found->GetUniqueId(&made);
  std::memcpy(id, &made, sizeof(made));
  if (result == nccl::kSuccess) return PCD_OK;
  message = std::string("NCCL, unique id: ") + found->GetErrorString(result) +
            "; NCCL_SOCKET_IFNAME names the network interface";
  return PCD_ERROR_COMMUNICATION;
}

int32_t create(Backend* backend, const pcd_communicator_desc& desc, Transport** transport, std::string& message) {
  const nccl::Library* found = nullptr;
  int32_t status = nccl::open_library(&found, message);
  if (status != PCD_OK) return status;
  const auto* const id = desc.unique_id;
  if (std::all_of(id, id + sizeof(desc.unique_id), [](uint8_t byte) { return byte == 0; })) {
    message = "unique_id is all zero; one rank makes it by pcd_communicator_unique_id and all are given it";
    return PCD_ERROR_ARGUMENT;
  }
  auto* const made = new (std::nothrow) NcclTransport(backend, *found);
  if (made == nullptr) {
    message = "out of host memory";
    return PCD_ERROR_OUT_OF_MEMORY;
  }
  status = made->open(desc, message);
  if (status != PCD_OK) {
    delete made;
    return status;
  }
  *transport = made;
  return PCD_OK;
}

void destroy(Transport* transport) { delete transport; }

}  // namespace

// Part of its plug-in, whose build id was compared.
const TransportPlugin nccl_transport{sizeof(TransportPlugin), nullptr, library, unique_id, create, destroy};

}  // namespace pcd::cuda
