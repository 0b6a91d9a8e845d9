// SPDX-License-Identifier: Apache-2.0
//
// Who talks to MPI: one thread of the process that starts it, and tests what is under way while the caller computes; and
// whoever waits, who tests by himself, because a hand-over between threads costs more than a small message. One at a time
// does, so MPI_THREAD_SERIALIZED is enough; of an MPI that promises less the one thread does everything.
//
// Everything is a non-blocking operation: one that was given up leaves its waiter at once, although MPI itself has no way
// to cancel a collective.
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
#include <vector>

namespace pcd::mpi {

// An operation under way. `begin` fills the requests, `end` runs when they are done; both where MPI may be called.
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

  // Begins it, to go on beside the caller.
  void begin(const std::shared_ptr<Task>& task);
  // Waits for what was begun; its status, with a sentence.
  int32_t wait(const std::shared_ptr<Task>& task, std::string& message);
  // Begins it and waits for it.
  int32_t run(const std::shared_ptr<Task>& task, std::string& message);
  // Wakes those who wait for what was given up.
  void wake();

  // Communicators in use. While there are some, or after a failure, the process ends without MPI_Finalize, which would
  // wait for ranks that may never come; mpirun and srun then end the other ranks.
  void opened() { ++open_; }
  void closed() { --open_; }
  void failed() { failed_ = true; }

 private:
  Progress() = default;
  void live();
  bool poll();
  void finish(Task& task, int code);
  void end_process();

  std::mutex mpi_;                              // whoever holds it may call MPI; taken before the other one
  std::vector<std::shared_ptr<Task>> active_;   // under mpi_

  std::mutex mutex_;                            // of what follows
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<std::shared_ptr<Task>> queue_;
  int64_t under_way_ = 0;                       // tasks that are not done
  int waiters_ = 0;                             // that test by themselves, so that the thread need not
  bool started_ = false;
  bool ready_ = false;
  bool end_ = false;
  bool ended_ = false;
  std::string refusal_;

  bool shared_ = false;                         // whether others than the thread may call MPI; set once
  int world_rank_ = 0;
  int world_ranks_ = 1;
  std::atomic<int> open_{0};
  std::atomic<bool> failed_{false};
};

// "MPI_Allreduce: message", from MPI's own text.
std::string error_text(int code);

}  // namespace pcd::mpi

#endif
