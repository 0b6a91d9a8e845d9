// SPDX-License-Identifier: Apache-2.0
//
// The one thread of the process that talks to MPI. It starts MPI, begins what it is given, and tests what is under way
// until it is done; so any MPI will do, whatever it promises to threads, and sums go on while the caller computes.
//
// Everything it is given is a non-blocking operation: one that was given up leaves its waiter at once, although MPI
// itself has no way to cancel a collective.
#ifndef PCD_MPI_PROGRESS_H
#define PCD_MPI_PROGRESS_H

#include <mpi.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pcd::mpi {

// An operation under way. `begin` fills the requests, `end` runs when they are done; both on MPI's thread.
struct Task {
  std::function<int(std::vector<MPI_Request>& requests)> begin;
  std::function<void()> end;                    // may be empty
  std::shared_ptr<std::atomic<bool>> given_up;  // set by an abort: nobody waits any more

  std::vector<MPI_Request> requests;
  std::atomic<bool> done{false};
  int32_t status = 0;                           // PCD_*, once done
  std::string message;
};

class Progress {
 public:
  // Made at the first use; lives as long as the process. MPI is finalised at the process's end if all went well.
  static Progress& get();

  // Starts MPI where it is not yet. PCD_OK or why not.
  int32_t start(std::string& message);
  int world_rank() const { return world_rank_; }
  int world_ranks() const { return world_ranks_; }

  void give(const std::shared_ptr<Task>& task);
  // Waits for it; its status, with a sentence.
  int32_t wait(const std::shared_ptr<Task>& task, std::string& message);
  // Wakes those who wait for what was given up.
  void wake();

  // Communicators in use. While there are some, or after a failure, the process ends without MPI_Finalize, which would
  // wait for ranks that may never come; mpirun and srun then end the other ranks.
  void opened() { ++open_; }
  void closed() { --open_; }
  void failed() { failed_ = true; }

 private:
  Progress() = default;
  void run();
  bool advance(std::vector<std::shared_ptr<Task>>& active);
  void finish(Task& task, int code);
  void end_process();

  std::mutex mutex_;
  std::condition_variable given_;
  std::condition_variable done_;
  std::deque<std::shared_ptr<Task>> queue_;
  std::thread thread_;
  bool running_ = false;
  bool ready_ = false;
  bool end_ = false;
  bool ended_ = false;
  std::string refusal_;
  int world_rank_ = 0;
  int world_ranks_ = 1;
  std::atomic<int> open_{0};
  std::atomic<bool> failed_{false};
};

// "MPI_Allreduce: message", from MPI's own text.
std::string error_text(int code);

}  // namespace pcd::mpi

#endif
