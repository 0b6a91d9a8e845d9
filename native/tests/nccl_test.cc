// SPDX-License-Identifier: Apache-2.0
//
// Collectives of ranks with a device each. On the SIMT executor 1, 2 and 4 ranks are threads and a stand-in moves their
// memory (cuda_fake_nccl.cc, named by PRECORDIA_NCCL); on a GPU there is one rank and NCCL itself. What is expected is
// worked out here, in fp64, and is exact: values are small integers. The contrastive loss over all ranks is held
// against the reference and against one rank.
//
// PCD_TEST_BACKEND=cuda|simt; the CPU backend must refuse NCCL. Skipped without a device or without NCCL.
#include "nccl_ranks.h"
#include "reference/supcon.h"
#include "support/compare.h"
#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int64_t kCount = 1003;  // odd: no vector width divides it

// Of a rank's element: small enough for sums in BF16 to be exact.
double value(int32_t rank, int64_t i, int32_t salt = 0) { return static_cast<double>((i * 7 + rank * 3 + salt) % 13); }

std::vector<double> values(int32_t rank, int64_t count, int32_t salt = 0) {
  std::vector<double> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(value(rank, i, salt));
  return all;
}

std::vector<double> sums(int32_t ranks, int64_t count, int32_t salt = 0, double scale = 1) {
  std::vector<double> all(static_cast<size_t>(count));
  for (int32_t rank = 0; rank < ranks; ++rank) {
    for (int64_t i = 0; i < count; ++i) all[static_cast<size_t>(i)] += scale * value(rank, i, salt);
  }
  return all;
}

std::vector<uint8_t> raw(const std::vector<double>& all, int32_t dtype) {
  switch (dtype) {
    case PCD_DTYPE_F32: return Device::encode(convert<float>(all), dtype);
    case PCD_DTYPE_I32: return Device::encode(convert<int32_t>(all), dtype);
    case PCD_DTYPE_I64: return Device::encode(convert<int64_t>(all), dtype);
    case PCD_DTYPE_U64: return Device::encode(convert<uint64_t>(all), dtype);
    default: return Device::encode(all, dtype);
  }
}

void write(const Rank& rank, const pcd_tensor& to, const std::vector<double>& all) {
  const std::vector<uint8_t> bytes = raw(all, to.dtype);
  rank.check(pcd_upload(rank.stream(), bytes.data(), bytes.size(), &to));
}

void expect_values(const Rank& rank, const pcd_tensor& tensor, const std::vector<double>& expected,
                   const std::string& what) {
  const std::vector<double> found = rank.device.read(tensor);
  require(found.size() == expected.size(), what + ": another size");
  for (size_t i = 0; i < found.size(); ++i) {
    require(found[i] == expected[i], what + ", type " + std::to_string(tensor.dtype) + ": element " +
                                         std::to_string(i) + " is " + std::to_string(found[i]) + ", expected " +
                                         std::to_string(expected[i]));
  }
}

void each_type(Rank& rank, int32_t dtype) {
  const int32_t ranks = rank.ranks;
  const pcd_tensor tensor = rank.device.output({kCount}, dtype);
  write(rank, tensor, values(rank.rank, kCount));
  rank.check(pcd_all_reduce(rank.communicator, rank.stream(), &tensor));
  expect_values(rank, tensor, sums(ranks, kCount), "all_reduce");

  const pcd_tensor whole = rank.device.output({ranks * kCount}, dtype);
  const pcd_tensor part = rank.device.output({kCount}, dtype);
  write(rank, whole, values(rank.rank, ranks * kCount));
  rank.check(pcd_reduce_scatter(rank.communicator, rank.stream(), &whole, &part));
  const std::vector<double> all = sums(ranks, ranks * kCount);
  const auto begin = all.begin() + rank.rank * kCount;
  expect_values(rank, part, {begin, begin + kCount}, "reduce_scatter");
  const pcd_tensor own = rank.own_part(whole);
  rank.check(pcd_reduce_scatter(rank.communicator, rank.stream(), &whole, &own));
  expect_values(rank, own, {begin, begin + kCount}, "reduce_scatter in place");

  const bool floating = dtype == PCD_DTYPE_F32 || dtype == PCD_DTYPE_BF16 || dtype == PCD_DTYPE_F64;
  if (floating) {
    write(rank, tensor, values(rank.rank, kCount));
    rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &tensor, PCD_REDUCE_MEAN));
    rank.check(pcd_communicator_join(rank.communicator, rank.stream()));
    expect_values(rank, tensor, sums(ranks, kCount, 0, 1.0 / ranks), "mean");  // ranks are a power of two: exact
  }
}

void moves(Rank& rank, int32_t dtype) {
  const int32_t ranks = rank.ranks;
  const pcd_tensor source = rank.device.output({kCount}, dtype);
  const pcd_tensor whole = rank.device.output({ranks * kCount}, dtype);
  std::vector<double> all;
  for (int32_t other = 0; other < ranks; ++other) {
    const auto theirs = values(other, kCount);
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  const auto write_own = [&](const pcd_tensor& to) {
    if (dtype == PCD_DTYPE_U8) {
      rank.write(to, convert<uint8_t>(values(rank.rank, kCount)));
    } else {
      write(rank, to, values(rank.rank, kCount));
    }
  };
  write_own(source);
  rank.check(pcd_all_gather(rank.communicator, rank.stream(), &source, &whole));
  expect_values(rank, whole, all, "all_gather");
  const pcd_tensor own = rank.own_part(whole);
  write_own(own);
  rank.check(pcd_all_gather(rank.communicator, rank.stream(), &own, &whole));
  expect_values(rank, whole, all, "all_gather in place");
  rank.check(pcd_broadcast(rank.communicator, rank.stream(), &source, ranks - 1));
  expect_values(rank, source, values(ranks - 1, kCount), "broadcast");
  rank.check(pcd_barrier(rank.communicator, rank.stream()));
}

void counted(Rank& rank) {
  const pcd_tensor tensor = rank.device.output({8});
  rank.write(tensor, std::vector<float>(8, 1));
  rank.check(pcd_all_reduce(rank.communicator, rank.stream(), &tensor));
  rank.check(pcd_barrier(rank.communicator, rank.stream()));
  auto info = descriptor<pcd_communicator_info>();
  rank.check(pcd_communicator_query(rank.communicator, &info));
  require(info.collectives == 2 && info.bytes == 32, "another count of collectives or bytes");
  require(info.kind == PCD_COMMUNICATOR_NCCL && info.rank == rank.rank && info.ranks == rank.ranks, "another identity");
  rank.check(pcd_communicator_status(rank.communicator));
}

// Two sums run beside a third collective and an op, at the call and from a graph that is launched with other values.
void beside(Rank& rank, int launches) {
  const pcd_tensor first = rank.device.output({kCount}), second = rank.device.output({kCount});
  const pcd_tensor third = rank.device.output({kCount}), copied = rank.device.output({kCount});
  auto copy = descriptor<pcd_copy_desc>();
  copy.source = first;
  copy.target = copied;
  const auto step = [&] {
    rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &first, PCD_REDUCE_SUM));
    rank.check(pcd_all_reduce_begin(rank.communicator, rank.stream(), &second, PCD_REDUCE_MEAN));
    rank.check(pcd_all_reduce(rank.communicator, rank.stream(), &third));
    rank.check(pcd_communicator_join(rank.communicator, rank.stream()));
    rank.check(pcd_communicator_join(rank.communicator, rank.stream()));  // nothing is under way: no harm
    rank.check(pcd_copy(rank.stream(), &copy));
    rank.check(pcd_barrier(rank.communicator, rank.stream()));
  };
  const auto look = [&](int32_t salt, const std::string& what) {
    expect_values(rank, copied, sums(rank.ranks, kCount, salt), what + ", first");
    expect_values(rank, second, sums(rank.ranks, kCount, salt + 1, 1.0 / rank.ranks), what + ", second");
    expect_values(rank, third, sums(rank.ranks, kCount, salt + 2), what + ", third");
  };
  const auto give = [&](int32_t salt) {
    write(rank, first, values(rank.rank, kCount, salt));
    write(rank, second, values(rank.rank, kCount, salt + 1));
    write(rank, third, values(rank.rank, kCount, salt + 2));
  };
  give(50);
  step();
  look(50, "at the call");
  rank.record(step);
  for (int32_t salt = 0; salt < launches; ++salt) {
    give(salt);
    rank.check(rank.launch());
    look(salt, "launch " + std::to_string(salt));
  }
  require(pcd_communicator_destroy(rank.communicator) == PCD_ERROR_ARGUMENT, "destroyed under a graph");
  rank.forget();
}

// ------------------------------------------------------------------------- the contrastive loss over all ranks --

struct SupCon {
  reference::SupConProblem problem;
  std::vector<float> z;
  float weight = 0.25f;

  explicit SupCon(reference::SupConTarget target) {
    problem.entries = 48;
    problem.dimensions = 32;
    problem.target = target;
    problem.words = 1;
    Random random(7);
    for (int64_t i = 0; i < problem.entries; ++i) {
      problem.labels.push_back(i % 7 == 6 ? 0 : uint64_t{1} << (i % 5) | uint64_t{1} << (i % 3 + 8));
      problem.groups.push_back(static_cast<int32_t>(i / 2));
      std::vector<double> row(static_cast<size_t>(problem.dimensions));
      double square = 0;
      for (double& x : row) {
        x = random.normal();
        square += x * x;
      }
      for (const double x : row) z.push_back(static_cast<float>(x / std::sqrt(square)));
    }
  }
};

struct SupConResult {
  std::vector<double> losses;  // sum and anchors, of all ranks
  std::vector<double> gradient;
};

template <typename T>
std::vector<T> rows(const std::vector<T>& all, int64_t begin, int64_t count, int64_t width) {
  return {all.begin() + begin * width, all.begin() + (begin + count) * width};
}

// Each rank knows its own entries; z, labels, groups and statistics are gathered, in one graph with the ops.
SupConResult run_supcon(Ranks& ranks, int32_t count, const SupCon& data) {
  const int64_t n = data.problem.entries, d = data.problem.dimensions, own = n / count;
  SupConResult result;
  result.gradient.resize(static_cast<size_t>(n * d));
  ranks.run("supcon", [&](Rank& rank) {
    const int64_t begin = rank.rank * own;
    auto desc = descriptor<pcd_supcon_desc>();
    desc.target = data.problem.target == reference::SupConTarget::any ? PCD_SUPCON_ANY : PCD_SUPCON_JACCARD;
    desc.temperature = static_cast<float>(data.problem.temperature);
    desc.row_begin = begin;
    desc.row_end = begin + own;
    desc.z = rank.device.output({n, d});
    desc.labels = rank.device.output({n, 1}, PCD_DTYPE_U64);
    desc.groups = rank.device.output({n}, PCD_DTYPE_I32);
    desc.statistics = rank.device.output({n, 4});
    pcd_step_state state{};
    state.weight_contrastive = data.weight;
    desc.state = rank.device.inout(as_bytes(state), {sizeof state});
    auto backward = desc;
    desc.loss = rank.device.output({3});
    backward.z_grad = rank.device.output({own, d});
    desc.workspace = rank.device.workspace(pcd_supcon_workspace_size, desc);
    backward.workspace = rank.device.workspace(pcd_supcon_workspace_size, backward);
    rank.write(rank.own_part(desc.z), rows(data.z, begin, own, d));
    rank.write(rank.own_part(desc.labels), rows(data.problem.labels, begin, own, 1));
    rank.write(rank.own_part(desc.groups), rows(data.problem.groups, begin, own, 1));
    const auto gather = [&](const pcd_tensor& whole) {
      const pcd_tensor part = rank.own_part(whole);
      rank.check(pcd_all_gather(rank.communicator, rank.stream(), &part, &whole));
    };
    rank.record([&] {
      gather(desc.z);
      gather(desc.labels);
      gather(desc.groups);
      rank.check(pcd_supcon_forward(rank.stream(), &desc));
      gather(desc.statistics);
      rank.check(pcd_supcon_backward(rank.stream(), &backward));
      rank.check(pcd_all_reduce(rank.communicator, rank.stream(), &desc.loss));
    });
    rank.check(rank.launch());
    const std::vector<double> part = rank.device.read(backward.z_grad), loss = rank.device.read(desc.loss);
    std::copy(part.begin(), part.end(), result.gradient.begin() + begin * d);
    if (rank.rank == 0) result.losses = {loss[1], loss[2]};
    rank.forget();
  });
  return result;
}

template <typename T>
std::pair<std::vector<T>, std::vector<T>> supcon_reference(const SupCon& data, T) {
  reference::SupConProblem problem = data.problem;
  problem.temperature = static_cast<float>(problem.temperature);
  const auto z = convert<T>(data.z);
  const auto loss = reference::supcon_loss(reference::supcon_statistics(problem, z, 0, problem.entries));
  return {{loss.sum, T(loss.anchors)},
          reference::supcon_gradient(problem, z, 0, problem.entries, T(data.weight))};
}

void check_supcon(int32_t backend, const std::vector<int32_t>& counts, reference::SupConTarget target) {
  const SupCon data(target);
  const auto [losses, gradient] = supcon_reference(data, 0.0);
  const auto [naive_losses, naive_gradient] = supcon_reference(data, 0.0f);
  const Output loss = make_output("loss", losses), z = make_output("z", gradient, Kind::gradient);
  const double loss_bound = kSingle.bound(relative_error(convert<double>(naive_losses), loss), losses.size());
  const double z_bound = kSingle.bound(relative_error(convert<double>(naive_gradient), z), gradient.size());
  std::vector<double> alone;
  for (const int32_t count : counts) {
    Ranks ranks(backend, count);
    const SupConResult found = run_supcon(ranks, count, data);
    if (alone.empty()) alone = found.gradient;
    const double loss_error = relative_error(found.losses, loss), z_error = relative_error(found.gradient, z);
    const double from_one = relative_error(found.gradient, make_output("z", alone));
    std::printf("supcon, %d ranks: loss %.1e (bound %.1e), z %.1e (bound %.1e), from one rank %.1e\n",
                static_cast<int>(count), loss_error, loss_bound, z_error, z_bound, from_one);
    expect(loss_error <= loss_bound, "supcon: loss over ranks");
    expect(z_error <= z_bound, "supcon: gradient over ranks");
    expect(from_one <= 1e-6, "supcon: gradient against one rank");
  }
}

// ------------------------------------------------------------------------------------------- refusals and aborts --

void refuses_sizes(Rank& rank) {
  const pcd_tensor source = rank.device.output({8}), target = rank.device.output({8 * rank.ranks + 1});
  require(pcd_all_gather(rank.communicator, rank.stream(), &source, &target) == PCD_ERROR_SHAPE, "a wrong size");
  require(rank.message().find("all_gather") != std::string::npos, rank.message());
  const pcd_tensor other = rank.device.output({8 * rank.ranks}, PCD_DTYPE_I32);
  require(pcd_all_gather(rank.communicator, rank.stream(), &source, &other) == PCD_ERROR_SHAPE, "a wrong type");
  require(pcd_broadcast(rank.communicator, rank.stream(), &source, rank.ranks) == PCD_ERROR_ARGUMENT, "a wrong root");
  require(pcd_all_reduce_begin(rank.communicator, rank.stream(), &other, PCD_REDUCE_MEAN) == PCD_ERROR_SHAPE,
          "a mean of integers");
}

void ends_after_abort(Rank& rank) {
  const pcd_tensor tensor = rank.device.output({8});
  rank.write(tensor, std::vector<float>(8, 1));
  rank.record([&] { rank.check(pcd_all_reduce(rank.communicator, rank.stream(), &tensor)); });
  rank.check(rank.launch());
  rank.check(pcd_stream_synchronize(rank.stream()));
  // From the thread that must then destroy the graph, which NCCL waits for.
  rank.check(pcd_communicator_abort(rank.communicator));
  rank.check(pcd_communicator_abort(rank.communicator));
  require(pcd_communicator_status(rank.communicator) == PCD_ERROR_COMMUNICATION, "status after an abort");
  require(pcd_all_reduce(rank.communicator, rank.stream(), &tensor) == PCD_ERROR_COMMUNICATION, "all_reduce");
  require(rank.launch() == PCD_ERROR_COMMUNICATION, "a graph after an abort");
  require(pcd_stream_synchronize(rank.stream()) == PCD_ERROR_COMMUNICATION, "results after an abort");
  require(rank.message().find("aborted") != std::string::npos, rank.message());
  rank.forget();
  rank.leave();
  rank.check(pcd_stream_synchronize(rank.stream()));  // the context goes on
}

int refused_by_the_cpu() {
  Device device(options(PCD_BACKEND_CPU));
  UniqueId id{1};
  const auto desc = nccl_desc(0, 1, id);
  pcd_communicator* communicator = nullptr;
  expect(pcd_communicator_create(device.context(), &desc, &communicator) == PCD_ERROR_UNSUPPORTED, "NCCL on the CPU");
  const std::string message = pcd_context_message(device.context());
  expect(message.find("ranks of the CPU meet by MPI") != std::string::npos, message);
  return verdict();
}

bool available(int32_t backend) {
  try {
    Device device(options(backend));
  } catch (const StatusError& error) {
    std::printf("skipped: no device (%s)\n", error.what());
    if (environment("PCD_TEST_REQUIRE_DEVICE", "0") == "1") fail(error.what());
    return false;
  }
  char text[512] = "";
  const int32_t status = pcd_communicator_library(PCD_COMMUNICATOR_NCCL, text, sizeof text);
  std::printf("%s%s\n", status == PCD_OK ? "" : "skipped: ", text);
  return status == PCD_OK;
}

void test_ranks(int32_t backend, int32_t count) {
  Ranks ranks(backend, count);
  for (const int32_t dtype : {PCD_DTYPE_F32, PCD_DTYPE_BF16, PCD_DTYPE_F64, PCD_DTYPE_I32, PCD_DTYPE_I64,
                              PCD_DTYPE_U64}) {
    ranks.run("sums", [&](Rank& rank) { each_type(rank, dtype); });
  }
  for (const int32_t dtype : {PCD_DTYPE_F32, PCD_DTYPE_U64, PCD_DTYPE_U8}) {
    ranks.run("moves", [&](Rank& rank) { moves(rank, dtype); });
  }
  ranks.run("counts", counted);
  ranks.run("beside", [&](Rank& rank) { beside(rank, backend == PCD_BACKEND_CUDA ? 100 : 5); });
  ranks.run("sizes", refuses_sizes);
  ranks.run("abort", ends_after_abort);
}

}  // namespace

int main() {
  const std::string backend_name = environment("PCD_TEST_BACKEND", "cpu");
  if (backend_name == "cpu") return refused_by_the_cpu();
  const int32_t backend = backend_name == "cuda" ? PCD_BACKEND_CUDA : PCD_BACKEND_SIMT;
  if (!available(backend)) return failures() == 0 ? Suite::kSkipped : verdict();
  expect(unique_id() != unique_id(), "two ids are the same");
  const std::vector<int32_t> counts = backend == PCD_BACKEND_CUDA ? std::vector<int32_t>{1}
                                                                  : std::vector<int32_t>{1, 2, 4};
  for (const int32_t count : counts) test_ranks(backend, count);
  for (const auto target : {reference::SupConTarget::any, reference::SupConTarget::jaccard}) {
    check_supcon(backend, counts, target);
  }
  return verdict();
}
