// SPDX-License-Identifier: Apache-2.0
//
// What becomes of CUPTI's records, without a GPU: a stand-in for its library (cuda_fake_cupti.cc) delivers made-up ones.
// Skipped without CUPTI's headers.
#include "cuda/activity.h"

#if PCD_HAVE_CUPTI

#include <cupti.h>
#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include "core_support.h"

using namespace pcd::test;
using pcd::cuda::activity_start;
using pcd::cuda::activity_stop;
using pcd::cuda::activity_take;

extern "C" {
const char* fake_calls(void);
void fake_refuse(int kind);
void fake_lose(uint64_t count);
void fake_kernel(const char* name, uint32_t stream, uint64_t duration);
void fake_copy(uint8_t kind, uint64_t bytes);
void fake_set(uint64_t bytes);
void fake_noise(void);
void fake_deliver(void);
}

namespace {

template <typename Function>
Function* fake(const char* name) {
  static void* const library = dlopen(FAKE_CUPTI, RTLD_LOCAL | RTLD_NOW);
  REQUIRE(library != nullptr);
  auto* const found = reinterpret_cast<Function*>(dlsym(library, name));
  REQUIRE(found != nullptr);
  return found;
}

#define FAKE(function) (*fake<decltype(function)>(#function))

std::vector<pcd_trace_event> taken;
uint64_t lost = 0;

void take() {
  taken.clear();
  lost = activity_take([](void*, const pcd_trace_event& event) { taken.push_back(event); }, nullptr);
}

void require(int32_t status, const std::string& message) {
  if (status == PCD_OK) return;
  fail(message);
  throw Abandoned();
}

void start() {
  std::string message;
  require(activity_start(message), message);
}

void stop() {
  std::string message;
  require(activity_stop(message), message);
}

}  // namespace

TEST(a_missing_library_says_where_it_comes_from) {
  std::string message;
  setenv("PCD_CUPTI", "/nowhere/libcupti.so", 1);
  CHECK_EQ(activity_start(message), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(message, "CUPTI cannot be loaded: /nowhere/libcupti.so");
  CHECK_CONTAINS(message, "PCD_CUPTI");
  setenv("PCD_CUPTI", FAKE_CUPTI, 1);
}

TEST(what_is_refused_leaves_nothing_enabled) {
  FAKE(fake_refuse)(CUPTI_ACTIVITY_KIND_MEMSET);
  std::string message;
  CHECK_EQ(activity_start(message), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(message, "refused by the stand-in (35)");
  CHECK_CONTAINS(message, "NVreg_RestrictProfilingToAdminUsers=0");
  const std::string calls = FAKE(fake_calls)();
  CHECK_CONTAINS(calls, "disable " + std::to_string(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL));
  CHECK_CONTAINS(calls, "disable " + std::to_string(CUPTI_ACTIVITY_KIND_MEMCPY));
  FAKE(fake_refuse)(0);
  stop();  // nothing was started: nothing to stop
  CHECK_EQ(calls, FAKE(fake_calls)());
}

TEST(records_become_events_on_the_traces_clock) {
  start();
  // The clock is ours before the first kind is enabled.
  const std::string calls = FAKE(fake_calls)();
  CHECK(calls.rfind("clock\n") != std::string::npos && calls.rfind("clock\n") < calls.rfind("enable"));
  const int64_t before = pcd_trace_clock();
  FAKE(fake_kernel)("_ZN7precord4stem7forwardILi8EfEEvPKfPfi", 13, 250);
  FAKE(fake_kernel)("plain_name", 13, 100);
  FAKE(fake_copy)(CUPTI_ACTIVITY_MEMCPY_KIND_HTOD, 4096);
  FAKE(fake_copy)(CUPTI_ACTIVITY_MEMCPY_KIND_DTOH, 64);
  FAKE(fake_copy)(CUPTI_ACTIVITY_MEMCPY_KIND_DTOD, 8);
  FAKE(fake_set)(512);
  FAKE(fake_noise)();
  const int64_t after = pcd_trace_clock();
  take();
  CHECK(taken.empty());  // CUPTI has not handed anything over yet
  stop();
  take();
  CHECK_EQ(lost, 0u);
  REQUIRE(taken.size() == 6);
  CHECK_EQ(std::string(taken[0].name), "precord::stem::forward<8, float>");
  CHECK_EQ(taken[0].kind, PCD_TRACE_KERNEL);
  CHECK_EQ(taken[0].stream, 13);
  CHECK_EQ(taken[0].end - taken[0].begin, 250);
  CHECK_EQ(taken[0].dtype, -1);
  CHECK_EQ(std::string(taken[1].name), "plain_name");
  CHECK_EQ(std::string(taken[2].name), "copy host to device");
  CHECK_EQ(taken[2].kind, PCD_TRACE_COPY);
  CHECK_EQ(taken[2].bytes, 4096u);
  CHECK_EQ(std::string(taken[3].name), "copy device to host");
  CHECK_EQ(std::string(taken[4].name), "copy on device");
  CHECK_EQ(taken[5].kind, PCD_TRACE_SET);
  CHECK_EQ(taken[5].bytes, 512u);
  for (const pcd_trace_event& event : taken) CHECK(event.begin >= before && event.begin <= after);
  take();
  CHECK(taken.empty());  // each once
  CHECK_CONTAINS(std::string(FAKE(fake_calls)()), "flush 1\n");
}

TEST(long_names_are_cut_and_brackets_in_templates_stay) {
  start();
  const std::string argument(200, 'x');
  FAKE(fake_kernel)(("_Z200" + argument + "v").c_str(), 1, 1);
  FAKE(fake_kernel)("_Z3runIXadL_Z1fiEEEvi", 1, 1);  // run<&(f(int))>
  FAKE(fake_kernel)("_ZN12_GLOBAL__N_14copyEi", 1, 1);
  stop();
  take();
  REQUIRE(taken.size() == 3);
  CHECK_EQ(std::string(taken[0].name), std::string(sizeof(taken[0].name) - 1, 'x'));
  CHECK_CONTAINS(std::string(taken[1].name), "run<");
  CHECK(std::string(taken[1].name).back() == '>');
  CHECK_EQ(std::string(taken[2].name), "(anonymous namespace)::copy");
}

TEST(what_nobody_reads_is_counted) {
  start();
  constexpr int kBuffers = 70;  // six more than are kept
  for (int i = 0; i < kBuffers; ++i) {
    FAKE(fake_set)(1);
    FAKE(fake_set)(1);
    FAKE(fake_deliver)();
  }
  FAKE(fake_lose)(5);  // CUPTI's own losses come with its next buffer
  FAKE(fake_deliver)();
  stop();
  take();
  CHECK_EQ(taken.size(), 2u * 64u);
  CHECK_EQ(lost, 2u * 6u + 5u);
}

TEST(one_trace_at_a_time) {
  start();
  std::string message;
  CHECK_EQ(activity_start(message), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(message, "another context");
  stop();
  start();
  stop();
}

TEST_MAIN

#else

int main() { return 77; }

#endif
