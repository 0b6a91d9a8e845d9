// SPDX-License-Identifier: Apache-2.0
//
// What the NCCL transport makes of faults, on the SIMT executor with a stand-in for NCCL (cuda_fake_nccl.cc): a library
// that is missing or too old, ranks that never come, asynchronous errors, and aborts of ranks that wait. Skipped where
// PRECORDIA_NCCL names no stand-in.
#include <dlfcn.h>

#include <cstdlib>

#include "core_support.h"
#include "nccl_ranks.h"

using namespace pcd::test;

extern "C" {
void fake_nccl_version(int value);
int fake_nccl_count(const char* name);
void fake_nccl_fail(int rank, int result);
void fake_nccl_await(int waiting);
}

namespace {

const std::string& stand_in() {
  static const std::string file = [] {
    const char* const named = std::getenv("PRECORDIA_NCCL");
    return std::string(named == nullptr ? "" : named);
  }();
  return file;
}

template <typename Function>
Function* fake(const char* name) {
  static void* const library = dlopen(stand_in().c_str(), RTLD_LOCAL | RTLD_LAZY);
  auto* const found = library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
  if (found == nullptr) throw std::runtime_error(stand_in() + " has no " + name);
  return found;
}

#define FAKE(function) (*fake<decltype(function)>(#function))

int32_t library(std::string& text) {
  char found[1024] = "";
  const int32_t status = pcd_communicator_library(PCD_COMMUNICATOR_NCCL, found, sizeof found);
  text = found;
  return status;
}

void float_sum(Rank& rank, const std::string& part) {
  const pcd_tensor tensor = rank.device.output({16});
  rank.write(tensor, std::vector<float>(16, 1));
  const int32_t status = pcd_all_reduce(rank.communicator, rank.stream(), &tensor);
  require(status == PCD_ERROR_COMMUNICATION, "not PCD_ERROR_COMMUNICATION: " + std::to_string(status));
  require(rank.message().find(part) != std::string::npos, rank.message());
}

int32_t create(Device& device, const pcd_communicator_desc& desc) {
  pcd_communicator* communicator = nullptr;
  const int32_t status = pcd_communicator_create(device.context(), &desc, &communicator);
  CHECK_EQ(pcd_communicator_destroy(communicator), PCD_OK);
  return status;
}

}  // namespace

// The library is opened once: these come first.
TEST(a_missing_library_says_what_to_install) {
  std::string text;
  setenv("PRECORDIA_NCCL", "/nowhere/libnccl.so.2", 1);
  CHECK_EQ(library(text), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(text, "NCCL cannot be loaded: /nowhere/libnccl.so.2");
  CHECK_CONTAINS(text, "install NCCL 2.14 or newer");
  CHECK_CONTAINS(text, "PRECORDIA_NCCL");
  Device device(options(PCD_BACKEND_SIMT));
  CHECK_EQ(create(device, nccl_desc(0, 1, UniqueId{1})), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(std::string(pcd_context_message(device.context())), "rank 0 of 1: NCCL cannot be loaded");
  UniqueId id{};
  char message[512] = "";
  CHECK_EQ(pcd_communicator_unique_id(PCD_COMMUNICATOR_NCCL, id.data(), message, sizeof message), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(std::string(message), "install NCCL");
  setenv("PRECORDIA_NCCL", stand_in().c_str(), 1);
}

TEST(an_old_library_is_refused_by_its_version) {
  std::string text;
  FAKE(fake_nccl_version)(21303);
  CHECK_EQ(library(text), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(text, "is NCCL 2.13.3, too old; install NCCL 2.14 or newer");
  FAKE(fake_nccl_version)(2708);
  CHECK_EQ(library(text), PCD_ERROR_NO_PLUGIN);
  CHECK_CONTAINS(text, "is NCCL 2.7.8, too old");
  FAKE(fake_nccl_version)(22803);
  CHECK_EQ(library(text), PCD_OK);
  CHECK_EQ(text, "NCCL 2.28.3, " + stand_in());
}

TEST(an_id_that_nobody_made_is_refused) {
  Device device(options(PCD_BACKEND_SIMT));
  CHECK_EQ(create(device, nccl_desc(0, 1, UniqueId{})), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(std::string(pcd_context_message(device.context())), "pcd_communicator_unique_id");
}

TEST(ranks_that_never_come_are_waited_for_so_long) {
  setenv("PRECORDIA_NCCL_TIMEOUT", "soon", 1);
  Device device(options(PCD_BACKEND_SIMT));
  CHECK_EQ(create(device, nccl_desc(0, 2, unique_id())), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(std::string(pcd_context_message(device.context())), "PRECORDIA_NCCL_TIMEOUT is \"soon\"");
  setenv("PRECORDIA_NCCL_TIMEOUT", "1", 1);
  const int aborts = FAKE(fake_nccl_count)("abort");
  CHECK_EQ(create(device, nccl_desc(0, 2, unique_id())), PCD_ERROR_COMMUNICATION);
  CHECK_CONTAINS(std::string(pcd_context_message(device.context())), "not done in 1 s (PRECORDIA_NCCL_TIMEOUT)");
  CHECK_CONTAINS(std::string(pcd_context_message(device.context())), "are all ranks running");
  CHECK_EQ(FAKE(fake_nccl_count)("abort"), aborts + 1);
  unsetenv("PRECORDIA_NCCL_TIMEOUT");
}

TEST(a_peaceful_end_is_finalised_and_no_abort) {
  const int finalised = FAKE(fake_nccl_count)("finalize"), destroyed = FAKE(fake_nccl_count)("destroy");
  const int aborts = FAKE(fake_nccl_count)("abort");
  Ranks(PCD_BACKEND_SIMT, 2).run("peaceful", [](Rank&) {});
  CHECK_EQ(FAKE(fake_nccl_count)("finalize"), finalised + 2);
  CHECK_EQ(FAKE(fake_nccl_count)("destroy"), destroyed + 2);
  CHECK_EQ(FAKE(fake_nccl_count)("abort"), aborts);
}

TEST(an_asynchronous_error_is_told_and_ends_in_an_abort) {
  const int aborts = FAKE(fake_nccl_count)("abort");
  Ranks(PCD_BACKEND_SIMT, 1).run("error", [](Rank& rank) {
    rank.check(pcd_communicator_status(rank.communicator));
    FAKE(fake_nccl_fail)(0, 6);
    require(pcd_communicator_status(rank.communicator) == PCD_ERROR_COMMUNICATION, "no error");
    require(rank.message() == "pcd_communicator_status: NCCL, asynchronous error: remote process exited or there was a "
                              "network error (6): told by the stand-in", rank.message());
    float_sum(rank, "all_reduce: NCCL, all_reduce: remote process exited");
  });
  CHECK_EQ(FAKE(fake_nccl_count)("abort"), aborts + 1);
}

TEST(an_abort_releases_ranks_that_wait_at_the_call) {
  const int aborts = FAKE(fake_nccl_count)("abort");
  Ranks ranks(PCD_BACKEND_SIMT, 3);
  ranks.run("lost", [&](Rank& rank) {
    rank.check(pcd_barrier(rank.communicator, rank.stream()));
    if (rank.rank == 2) {
      FAKE(fake_nccl_await)(2);  // this rank never comes, and a control channel finds out
      ranks.abort_all();
    } else {
      float_sum(rank, "aborted");
    }
    rank.leave();
  });
  CHECK_EQ(FAKE(fake_nccl_count)("abort"), aborts + 3);  // each once
}

TEST(an_abort_releases_ranks_that_wait_in_a_graph) {
  const int aborts = FAKE(fake_nccl_count)("abort");
  Ranks ranks(PCD_BACKEND_SIMT, 2);
  ranks.run("lost", [&](Rank& rank) {
    const pcd_tensor tensor = rank.device.output({16}), other = rank.device.output({16});
    rank.write(tensor, std::vector<float>(16, 1));
    rank.write(other, std::vector<float>(16, 1));
    rank.record([&] {
      rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &tensor, PCD_REDUCE_SUM));
      rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &other, PCD_REDUCE_SUM));
      rank.check(pcd_communicator_join(rank.communicator, rank.stream()));
    });
    rank.check(rank.launch());
    rank.check(pcd_stream_synchronize(rank.stream()));
    if (rank.rank == 1) {
      FAKE(fake_nccl_await)(1);
      ranks.abort_all();
    } else {
      rank.check(rank.launch());  // as on a GPU: the launch itself knows of nothing
    }
    require(pcd_stream_synchronize(rank.stream()) == PCD_ERROR_COMMUNICATION, "results of an aborted graph");
    float downloaded[16];
    require(pcd_download(rank.stream(), &tensor, downloaded, sizeof downloaded) == PCD_ERROR_COMMUNICATION, "download");
    require(rank.launch() == PCD_ERROR_COMMUNICATION, "launched again");
    rank.forget();
    rank.leave();
  });
  CHECK_EQ(FAKE(fake_nccl_count)("abort"), aborts + 2);
}

TEST(ranks_that_call_other_collectives_are_told) {
  Ranks(PCD_BACKEND_SIMT, 2).run("order", [](Rank& rank) {
    const pcd_tensor tensor = rank.device.output({8});
    rank.write(tensor, std::vector<float>(8, 1));
    const int32_t status = rank.rank == 0 ? pcd_all_reduce(rank.communicator, rank.stream(), &tensor)
                                          : pcd_broadcast(rank.communicator, rank.stream(), &tensor, 0);
    require(status == PCD_ERROR_COMMUNICATION, "two collectives met");
    require(rank.message().find("invalid usage (5)") != std::string::npos, rank.message());
  });
}

TEST(a_sum_that_nobody_joins_fails_the_graph) {
  Ranks(PCD_BACKEND_SIMT, 1).run("unjoined", [](Rank& rank) {
    const pcd_tensor tensor = rank.device.output({8});
    rank.write(tensor, std::vector<float>(8, 1));
    pcd_graph* graph = nullptr;
    rank.check(pcd_graph_begin(rank.stream()));
    rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &tensor, PCD_REDUCE_SUM));
    require(pcd_graph_end(rank.stream(), &graph) != PCD_OK, "no failure");
    require(rank.message().find("was not waited for") != std::string::npos, rank.message());
  });
}

int main(int argc, char** argv) {
  if (stand_in().empty()) return 77;
  return run_cases(argc, argv);
}
