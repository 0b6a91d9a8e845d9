// SPDX-License-Identifier: Apache-2.0
//
// The thread pool: chunks are handed out by compare-and-swap on tickets that carry the round's number, so
// that a late thread can never take a chunk of a round it has not seen. Idle threads spin for some
// microseconds (the ops of a step follow each other closely) and then sleep.
#include "cpu/pool.h"

#include <system_error>

namespace pcd::cpu {
namespace {

constexpr int kSpins = 1500;  // about 20 to 60 microseconds

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

inline uint64_t ticket_of(uint32_t round, uint32_t chunk) { return uint64_t{round} << 32 | chunk; }

}  // namespace

Pool::Pool(int threads) {
  const int extra = threads > 1 ? threads - 1 : 0;
  workers_ = std::make_unique<std::thread[]>(static_cast<size_t>(extra));
  tickets_ = std::make_unique<Ticket[]>(static_cast<size_t>(extra) + 1);
  for (int i = 0; i < extra; ++i) {
    try {
      workers_[i] = std::thread([this, i] { work(i + 1); });
    } catch (const std::system_error&) {
      break;
    }
    threads_ = i + 2;
  }
}

Pool::~Pool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_.store(true);
  }
  started_.notify_all();
  for (int i = 0; i < threads_ - 1; ++i) workers_[i].join();
}

void Pool::execute(int64_t chunks, Call call, void* body) {
  if (threads_ == 1 || chunks <= 1) {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) call(body, chunk, 0);
    return;
  }
  // A ticket holds 32 bits of chunk number: more chunks than that go in several rounds.
  constexpr int64_t most = int64_t{1} << 31;
  if (chunks > most) {
    struct Shifted {
      Call call;
      void* body;
      int64_t offset;
    };
    for (int64_t offset = 0; offset < chunks; offset += most) {
      Shifted shifted{call, body, offset};
      execute(
          chunks - offset < most ? chunks - offset : most,
          [](void* inner, int64_t chunk, int worker) {
            auto* s = static_cast<Shifted*>(inner);
            s->call(s->body, s->offset + chunk, worker);
          },
          &shifted);
    }
    return;
  }
  const uint32_t round = round_.load(std::memory_order_relaxed) + 1;
  for (int i = 0; i < threads_; ++i) tickets_[i].value.store(ticket_of(round, closed));
  chunks_.store(static_cast<uint32_t>(chunks));
  call_.store(call);
  body_.store(body);
  done_.store(0);
  for (int i = 0; i < threads_; ++i) {
    tickets_[i].value.store(ticket_of(round, static_cast<uint32_t>(range_begin(i, chunks))));
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    round_.store(round);
  }
  started_.notify_all();
  take_chunks(round, 0);
  for (int spin = 0; spin < kSpins && done_.load() != chunks; ++spin) relax();
  if (done_.load() != chunks) {
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return done_.load() == chunks; });
  }
}

void Pool::take_chunks(uint32_t round, int worker) {
  int owner = worker;
  do {
    if (!take_range(round, owner, worker)) return;
    owner = owner + 1 == threads_ ? 0 : owner + 1;
  } while (owner != worker);
}

// Runs what is left of one thread's range. False when the round is over.
bool Pool::take_range(uint32_t round, int owner, int worker) {
  std::atomic<uint64_t>& next = tickets_[owner].value;
  uint64_t ticket = next.load();
  for (;;) {
    const uint32_t chunk = static_cast<uint32_t>(ticket);
    const int64_t chunks = chunks_.load();
    if (static_cast<uint32_t>(ticket >> 32) != round) return false;
    if (chunk >= range_begin(owner + 1, chunks)) return true;
    if (!next.compare_exchange_weak(ticket, ticket + 1)) continue;
    // The chunk is ours: the round cannot end before it is counted, so call and body are those of this round.
    call_.load()(body_.load(), chunk, worker);
    if (done_.fetch_add(1) + 1 == chunks) {
      if (worker != 0) {
        std::lock_guard<std::mutex> lock(mutex_);
        finished_.notify_one();
      }
      return false;
    }
    ticket = next.load();
  }
}

void Pool::work(int worker) {
  uint32_t seen = 0;
  for (;;) {
    for (int spin = 0; spin < kSpins && round_.load() == seen && !stop_.load(); ++spin) relax();
    if (round_.load() == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      started_.wait(lock, [&] { return round_.load() != seen || stop_.load(); });
    }
    if (stop_.load()) return;
    seen = round_.load();
    take_chunks(seen, worker);
  }
}

}  // namespace pcd::cpu
