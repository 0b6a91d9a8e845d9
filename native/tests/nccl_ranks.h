// SPDX-License-Identifier: Apache-2.0
//
// Ranks that are threads of the test, each with a context and a communicator of its own.
#ifndef PCD_TESTS_NCCL_RANKS_H
#define PCD_TESTS_NCCL_RANKS_H

#include <array>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/device.h"
#include "support/expect.h"

namespace pcd::test {

using UniqueId = std::array<uint8_t, sizeof(pcd_communicator_desc::unique_id)>;

inline UniqueId unique_id() {
  UniqueId id;
  char message[512] = "";
  const int32_t status = pcd_communicator_unique_id(PCD_COMMUNICATOR_NCCL, id.data(), message, sizeof message);
  if (status != PCD_OK) throw StatusError(status, message);
  return id;
}

inline pcd_communicator_desc nccl_desc(int32_t rank, int32_t ranks, const UniqueId& id) {
  auto desc = descriptor<pcd_communicator_desc>();
  desc.kind = PCD_COMMUNICATOR_NCCL;
  desc.rank = rank;
  desc.ranks = ranks;
  std::memcpy(desc.unique_id, id.data(), id.size());
  return desc;
}

inline DeviceOptions options(int32_t backend, int32_t device = 0) {
  DeviceOptions chosen;
  chosen.backend = backend;
  chosen.device = device;
  return chosen;
}

class Rank {
 public:
  // Ranks take turns on the executor's two devices. Nobody aborts another's communicator while `mutex` is held.
  Rank(int32_t backend, int32_t number, int32_t of, const UniqueId& id, std::mutex& mutex)
      : device(options(backend, backend == PCD_BACKEND_SIMT ? number % 2 : 0)), rank(number), ranks(of), mutex_(mutex) {
    const auto desc = nccl_desc(number, of, id);
    device.check(pcd_communicator_create(device.context(), &desc, &communicator));
  }
  ~Rank() {
    if (graph_ != nullptr) pcd_graph_destroy(graph_);
    pcd_communicator_destroy(communicator);
  }
  Rank(const Rank&) = delete;
  Rank& operator=(const Rank&) = delete;

  pcd_stream* stream() const { return device.stream(); }
  void check(int32_t status) const { device.check(status); }
  std::string message() const { return pcd_context_message(device.context()); }

  // A part of a tensor along its first axis.
  static pcd_tensor part(const pcd_tensor& whole, int64_t begin, int64_t count) {
    pcd_tensor rows = whole;
    int64_t row = dtype_size(whole.dtype);
    for (int32_t i = 1; i < whole.rank; ++i) row *= whole.shape[i];
    rows.offset += static_cast<uint64_t>(begin * row);
    rows.shape[0] = count;
    return rows;
  }
  pcd_tensor own_part(const pcd_tensor& whole) const {
    const int64_t count = whole.shape[0] / ranks;
    return part(whole, rank * count, count);
  }

  template <typename T>
  void write(const pcd_tensor& to, const std::vector<T>& values) const {
    const std::vector<uint8_t> raw = Device::encode(values, to.dtype);
    check(pcd_upload(stream(), raw.data(), raw.size(), &to));
  }

  // Once, as a graph: to be launched as often as one likes.
  template <typename Body>
  void record(const Body& body) {
    check(pcd_graph_begin(stream()));
    body();
    check(pcd_graph_end(stream(), &graph_));
  }
  int32_t launch() { return pcd_graph_launch(graph_, stream()); }
  void forget() {
    check(pcd_graph_destroy(graph_));
    graph_ = nullptr;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    check(pcd_communicator_destroy(communicator));
    communicator = nullptr;
  }

  Device device;
  const int32_t rank, ranks;
  pcd_communicator* communicator = nullptr;

 private:
  std::mutex& mutex_;
  pcd_graph* graph_ = nullptr;
};

// Runs the body on each rank. A rank that fails aborts the others, as a job's control channel would.
class Ranks {
 public:
  Ranks(int32_t backend, int32_t ranks) : backend_(backend), live_(static_cast<size_t>(ranks)) {}

  void run(const std::string& where, const std::function<void(Rank&)>& body) {
    const UniqueId id = unique_id();
    std::vector<std::thread> threads;
    for (size_t rank = 0; rank < live_.size(); ++rank) {
      threads.emplace_back([&, rank] { run_one(static_cast<int32_t>(rank), id, where, body); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& failure : failures_) fail(failure);
    failures_.clear();
  }

  void abort_all() {
    const std::lock_guard lock(mutex_);
    for (const Rank* rank : live_) {
      if (rank != nullptr && rank->communicator != nullptr) pcd_communicator_abort(rank->communicator);
    }
  }

 private:
  void set(int32_t rank, const Rank* live) {
    const std::lock_guard lock(mutex_);
    live_[static_cast<size_t>(rank)] = live;
  }

  void run_one(int32_t rank, const UniqueId& id, const std::string& where, const std::function<void(Rank&)>& body) {
    try {
      Rank own(backend_, rank, static_cast<int32_t>(live_.size()), id, mutex_);
      set(rank, &own);
      try {
        body(own);
        own.device.finish();
      } catch (...) {
        abort_all();
        set(rank, nullptr);
        throw;
      }
      set(rank, nullptr);
    } catch (const std::exception& thrown) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(where + ", rank " + std::to_string(rank) + " of " + std::to_string(live_.size()) + ": " +
                          thrown.what());
    }
  }

  const int32_t backend_;
  std::mutex mutex_;
  std::vector<const Rank*> live_;
  std::vector<std::string> failures_;
};

// In a rank's thread, where counting failures is no option.
inline void require(bool holds, const std::string& sentence) {
  if (!holds) throw std::runtime_error(sentence);
}

}  // namespace pcd::test

#endif
