// SPDX-License-Identifier: Apache-2.0
#include "ceilings.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "fma_ceiling.h"

namespace pcd::bench {
namespace {

double sum_over_threads(int32_t threads, const std::function<double()>& measure) {
  std::vector<double> rates(static_cast<size_t>(threads));
  std::vector<std::thread> others;
  for (int32_t i = 1; i < threads; ++i) {
    others.emplace_back([&rates, &measure, i] { rates[static_cast<size_t>(i)] = measure(); });
  }
  rates[0] = measure();
  for (std::thread& other : others) other.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

double copy_slice(double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr size_t bytes = size_t{256} << 20;
  std::vector<char> source(bytes, 1), target(bytes, 2);
  double best = 0;
  const auto begin = Clock::now();
  do {
    const auto copy_begin = Clock::now();
    std::memcpy(target.data(), source.data(), bytes);
    asm volatile("" : : "r"(target.data()) : "memory");
    const double rate = 2.0 * bytes / std::chrono::duration<double>(Clock::now() - copy_begin).count();
    if (rate > best) best = rate;
  } while (std::chrono::duration<double>(Clock::now() - begin).count() < seconds);
  return best;
}

// The ceiling of an instruction set that this build has.
double measured(int32_t threads, const std::string& instruction_set, double seconds, bool fixed) {
  double (*measure)(double) = nullptr;
#if defined(PCD_HAVE_BASELINE)
  if (instruction_set == "baseline") measure = fixed ? fixed_ceiling_baseline : fma_ceiling_baseline;
#endif
#if defined(PCD_HAVE_AVX2)
  if (instruction_set == "avx2") measure = fixed ? fixed_ceiling_avx2 : fma_ceiling_avx2;
#endif
#if defined(PCD_HAVE_AVX512)
  if (instruction_set == "avx512") measure = fixed ? fixed_ceiling_avx512 : fma_ceiling_avx512;
#endif
#if defined(PCD_HAVE_AVX512VNNI)
  if (instruction_set == "avx512vnni") measure = fixed ? fixed_ceiling_avx512vnni : fma_ceiling_avx512vnni;
#endif
  if (measure == nullptr) throw std::runtime_error("no ceiling for the instruction set " + instruction_set);
  return sum_over_threads(threads, [&] { return measure(seconds); });
}

}  // namespace

double fma_rate(int32_t threads, const std::string& instruction_set, double seconds) {
  return measured(threads, instruction_set, seconds, false);
}

double fixed_rate(int32_t threads, const std::string& instruction_set, double seconds) {
  return measured(threads, instruction_set, seconds, true);
}

double dot_rate(int32_t threads, double seconds) {
#if defined(PCD_HAVE_AVX512)
  if (dot_executes()) return sum_over_threads(threads, [&] { return dot_ceiling(seconds); });
#endif
  (void)threads, (void)seconds;
  return 0;
}

double copy_rate(int32_t threads, double seconds) {
  return sum_over_threads(threads, [&] { return copy_slice(seconds); });
}

}  // namespace pcd::bench
