// SPDX-License-Identifier: Apache-2.0
//
// Thread pool of the CPU backend: created once, no allocation and no thread creation in a step.
//
// Work is cut into chunks. Which thread runs a chunk is left open: each starts with a range of neighbouring
// chunks of its own, in order, so that one chunk can fetch what the next will read, and then helps the
// others. A result is independent of the number of threads exactly when every chunk writes memory of its own,
// and when partial sums of chunks, whose number follows from shapes alone, are added in the order of their
// index afterwards.
#ifndef PCD_CPU_POOL_H
#define PCD_CPU_POOL_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

namespace pcd::cpu {

class Pool {
 public:
  // `threads` >= 1 counts the calling thread. If the system refuses a thread, the pool works with those it
  // got.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Threads that take part, the caller included.
  int threads() const { return threads_; }

  // Calls f(chunk) or f(chunk, worker) for every chunk in [0, chunks) and returns when all are done. `worker`
  // is in [0, threads()) and no two chunks run at one time with the same worker: it selects scratch memory. f
  // must not throw and must not call run. One thread at a time may call run.
  template <class F>
  void run(int64_t chunks, F&& f) {
    using Body = std::remove_reference_t<F>;
    execute(
        chunks,
        [](void* body, int64_t chunk, int worker) {
          if constexpr (std::is_invocable_v<Body&, int64_t, int>) {
            (*static_cast<Body*>(body))(chunk, worker);
          } else {
            (void)worker;
            (*static_cast<Body*>(body))(chunk);
          }
        },
        const_cast<void*>(static_cast<const void*>(std::addressof(f))));
  }

 private:
  using Call = void (*)(void* body, int64_t chunk, int worker);

  void execute(int64_t chunks, Call call, void* body);
  void work(int worker);                         // main function of a thread of the pool
  void take_chunks(uint32_t round, int worker);  // runs chunks of one round until none is left
  bool take_range(uint32_t round, int owner, int worker);

  // Of the range of one thread: round number in the upper half, next chunk in the lower; `closed` while a
  // round is set up.
  static constexpr uint32_t closed = UINT32_MAX;
  struct alignas(64) Ticket {
    std::atomic<uint64_t> value{closed};
  };
  int64_t range_begin(int owner, int64_t chunks) const { return chunks * owner / threads_; }

  std::unique_ptr<Ticket[]> tickets_;
  alignas(64) std::atomic<int64_t> done_{0};
  alignas(64) std::atomic<uint32_t> round_{0};
  std::atomic<uint32_t> chunks_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<void*> body_{nullptr};
  std::atomic<bool> stop_{false};

  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  std::unique_ptr<std::thread[]> workers_;
  int threads_ = 1;
};

}  // namespace pcd::cpu

#endif
