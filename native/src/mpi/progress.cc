// SPDX-License-Identifier: Apache-2.0
//
// MPI's start, its polling, its end.
#include "mpi/progress.h"

#include <dlfcn.h>
#include <sched.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <chrono>
#include <cstdlib>
#include <thread>

#include "precordia/precordia.h"

namespace pcd::mpi {
namespace {

using Clock = std::chrono::steady_clock;

// How long the thread asks again at once, then lets others run, before it sleeps between two looks; longer where it has
// waited long, for ranks that have something else to do. Ranks that share processors (more ranks than cores) get
// nowhere while one of them spins.
constexpr auto kSpin = std::chrono::microseconds(20);
constexpr auto kYield = std::chrono::microseconds(500);
constexpr auto kSleep = std::chrono::microseconds(20);
constexpr auto kLong = std::chrono::milliseconds(50);
constexpr auto kLongSleep = std::chrono::microseconds(500);
constexpr auto kLongestEnd = std::chrono::seconds(10);

// MPI's own components look its symbols up globally, and this plug-in was loaded to keep its symbols to itself.
void publish_symbols() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&MPI_Init_thread), &info) == 0 || info.dli_fname == nullptr) return;
  dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

class Backoff {
 public:
  void progressed() { since_ = Clock::now(); }
  void idle() {
    const auto idle = Clock::now() - since_;
    if (idle < kSpin) return;
    if (idle < kYield) {
      sched_yield();
    } else {
      std::this_thread::sleep_for(idle < kLong ? kSleep : kLongSleep);
    }
  }

 private:
  Clock::time_point since_ = Clock::now();
};

}  // namespace

std::string error_text(int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) return "MPI error " + std::to_string(code);
  return std::string(text, static_cast<size_t>(length));
}

Progress& Progress::get() {
  static Progress* const progress = [] {
    auto* const made = new Progress;
    std::atexit([] { get().end_process(); });
    return made;
  }();
  return *progress;
}

int32_t Progress::start(std::string& message) {
  std::unique_lock lock(mutex_);
  if (!started_) {
    started_ = true;
    std::thread([this] { live(); }).detach();
  }
  done_.wait(lock, [this] { return ready_; });
  if (refusal_.empty()) return PCD_OK;
  message = refusal_;
  return PCD_ERROR_COMMUNICATION;
}

void Progress::begin(const std::shared_ptr<Task>& task) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(task);
    ++under_way_;
  }
  // Its first messages leave now, not when the thread has woken up.
  if (shared_ && mpi_.try_lock()) {
    poll();
    mpi_.unlock();
  }
  work_.notify_one();
}

int32_t Progress::run(const std::shared_ptr<Task>& task, std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(task);
    ++under_way_;
  }
  if (!shared_) work_.notify_one();
  return wait(task, message);
}

int32_t Progress::wait(const std::shared_ptr<Task>& task, std::string& message) {
  const auto over = [&] {
    return task->done.load(std::memory_order_acquire) || task->given_up->load(std::memory_order_acquire);
  };
  if (shared_) {
    {
      const std::lock_guard lock(mutex_);
      ++waiters_;
    }
    Backoff backoff;
    while (!over()) {
      bool progressed = false;
      if (mpi_.try_lock()) {
        progressed = poll();
        mpi_.unlock();
      }
      if (progressed) {
        backoff.progressed();
      } else {
        backoff.idle();
      }
    }
    bool left = false;
    {
      const std::lock_guard lock(mutex_);
      left = --waiters_ == 0 && under_way_ > 0;
    }
    if (left) work_.notify_one();
  } else {
    std::unique_lock lock(mutex_);
    done_.wait(lock, over);
  }
  if (!task->done.load(std::memory_order_acquire)) {
    message = "the communicator was aborted while this rank waited for the others";
    return PCD_ERROR_COMMUNICATION;
  }
  if (task->status != PCD_OK) message = task->message;
  return task->status;
}

void Progress::wake() {
  { const std::lock_guard lock(mutex_); }
  done_.notify_all();
  work_.notify_all();
}

void Progress::live() {
#if defined(__linux__)
  prctl(PR_SET_TIMERSLACK, 1000UL);  // nanoseconds: short sleeps end when they should
#endif
  publish_symbols();
  // A transport below MPI may take over signals that a virtual machine lives on; whoever wants that says so.
  setenv("UCX_ERROR_SIGNALS", "", 0);
  int provided = 0;
  const int code = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
  {
    const std::lock_guard lock(mutex_);
    if (code != MPI_SUCCESS) {
      refusal_ = "MPI does not start: " + error_text(code);
    } else if (provided < MPI_THREAD_FUNNELED) {
      refusal_ = "this MPI was built without threads; it needs MPI_THREAD_FUNNELED";
    } else {
      shared_ = provided >= MPI_THREAD_SERIALIZED;
      MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
      MPI_Comm_rank(MPI_COMM_WORLD, &world_rank_);
      MPI_Comm_size(MPI_COMM_WORLD, &world_ranks_);
    }
    ready_ = true;
  }
  done_.notify_all();
  Backoff backoff;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto wanted = [this] { return end_ || (under_way_ > 0 && waiters_ == 0); };
      if (!wanted()) {
        work_.wait(lock, wanted);
        backoff.progressed();
      }
      if (end_) break;
    }
    bool progressed = false;
    {
      const std::lock_guard mpi(mpi_);
      progressed = poll();
    }
    if (progressed) {
      backoff.progressed();
    } else {
      backoff.idle();
    }
  }
  if (refusal_.empty() && !failed_ && open_ == 0) MPI_Finalize();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  done_.notify_all();
}

// Begins what is new and tests what is under way; whether anything was done. Under mpi_.
bool Progress::poll() {
  bool progressed = false;
  {
    const std::lock_guard lock(mutex_);
    progressed = !queue_.empty();
    active_.insert(active_.end(), queue_.begin(), queue_.end());
    queue_.clear();
  }
  size_t kept = 0;
  for (size_t i = 0; i < active_.size(); ++i) {
    const std::shared_ptr<Task> task = active_[i];
    int code = MPI_SUCCESS;
    int done = 0;
    if (task->given_up->load(std::memory_order_acquire)) {
      const std::lock_guard lock(mutex_);
      --under_way_;
      progressed = true;
      continue;
    }
    if (task->begin) {
      const auto begin = std::move(task->begin);
      task->begin = nullptr;
      code = begin(task->requests);
    }
    if (code == MPI_SUCCESS) {
      code = MPI_Testall(static_cast<int>(task->requests.size()), task->requests.data(), &done, MPI_STATUSES_IGNORE);
    }
    if (code == MPI_SUCCESS && done == 0) {
      active_[kept++] = task;
    } else {
      finish(*task, code);
      progressed = true;
    }
  }
  active_.resize(kept);
  return progressed;
}

void Progress::finish(Task& task, int code) {
  if (code == MPI_SUCCESS) {
    if (task.end) task.end();
  } else {
    failed_ = true;
    task.status = PCD_ERROR_COMMUNICATION;
    task.message = error_text(code);
  }
  {
    const std::lock_guard lock(mutex_);
    --under_way_;
    task.done.store(true, std::memory_order_release);
  }
  done_.notify_all();
}

void Progress::end_process() {
  std::unique_lock lock(mutex_);
  if (!started_) return;
  end_ = true;
  work_.notify_all();
  done_.wait_for(lock, kLongestEnd, [this] { return ended_; });
}

}  // namespace pcd::mpi
