// SPDX-License-Identifier: Apache-2.0
//
// Collectives between processes by MPI, started by mpirun with any number of ranks, each of which runs every case; alone
// it is one rank. Every rank knows what the others hold, and so what must come out.
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "core_support.h"
#include "reference/supcon.h"
#include "support/random.h"

namespace {

using namespace pcd;
using namespace pcd::test;

int number(const char* name, int absent) {
  const char* const text = std::getenv(name);
  return text == nullptr ? absent : std::atoi(text);
}

// As Open MPI's or MPICH's launcher says; what MPI itself says must be the same.
int own_rank() { return number("OMPI_COMM_WORLD_RANK", number("PMI_RANK", 0)); }
int all_ranks() { return number("OMPI_COMM_WORLD_SIZE", number("PMI_SIZE", 1)); }

// A context and a communicator of all ranks.
class Ranks : public Session {
 public:
  explicit Ranks(int32_t threads = 1) : Session(0, threads) {
    auto desc = sized<pcd_communicator_desc>();
    desc.kind = PCD_COMMUNICATOR_MPI;
    desc.rank = rank = own_rank();
    desc.ranks = ranks = all_ranks();
    require(pcd_communicator_create(context, &desc, &communicator));
  }
  ~Ranks() { close(); }

  void close() {
    if (communicator != nullptr && pcd_communicator_destroy(communicator) != PCD_OK) fail(message());
    communicator = nullptr;
  }

  pcd_communicator* communicator = nullptr;
  int rank = 0;
  int ranks = 1;
};

uint64_t byte_offset(const pcd_tensor& tensor, int64_t row) {
  const uint64_t size = tensor.dtype == PCD_DTYPE_U64 ? 8 : 4;
  uint64_t width = size;
  for (int32_t i = 1; i < tensor.rank; ++i) width *= static_cast<uint64_t>(tensor.shape[i]);
  return width * static_cast<uint64_t>(row);
}

// What rank r holds at i: small integers, whose sums every type has exactly.
double value(int r, size_t i) { return static_cast<double>((r + 1) * (static_cast<int>(i) % 5 - 2)); }

template <typename T>
std::vector<T> values(int r, size_t count) {
  std::vector<T> made(count);
  for (size_t i = 0; i < count; ++i) made[i] = static_cast<T>(value(r, i));
  return made;
}

template <typename T>
std::vector<T> sum(int ranks, size_t count, double divisor = 1) {
  std::vector<T> made(count);
  for (size_t i = 0; i < count; ++i) {
    double total = 0;
    for (int r = 0; r < ranks; ++r) total += value(r, i);
    made[i] = static_cast<T>(total / divisor);
  }
  return made;
}

uint16_t bf16(double x) {
  const auto wide = static_cast<float>(x);
  uint32_t bits;
  std::memcpy(&bits, &wide, sizeof bits);
  return static_cast<uint16_t>(bits >> 16);
}

template <typename T>
void check_sum(int32_t dtype) {
  Ranks ranks;
  constexpr size_t kCount = 1003;
  const pcd_tensor tensor = ranks.tensor(dtype, {static_cast<int64_t>(kCount)});
  ranks.write(tensor, values<T>(ranks.rank, kCount));
  ranks.require(pcd_all_reduce(ranks.communicator, ranks.stream, &tensor));
  CHECK(ranks.read<T>(tensor, kCount) == sum<T>(ranks.ranks, kCount));
}

TEST(sums_of_every_type) {
  check_sum<float>(PCD_DTYPE_F32);
  check_sum<double>(PCD_DTYPE_F64);
  check_sum<int32_t>(PCD_DTYPE_I32);
  check_sum<int64_t>(PCD_DTYPE_I64);
  check_sum<uint64_t>(PCD_DTYPE_U64);
}

TEST(bf16_is_summed_and_averaged) {
  Ranks ranks;
  constexpr size_t kCount = 77;
  std::vector<uint16_t> own(kCount), total(kCount), mean(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    own[i] = bf16(value(ranks.rank, i));
    total[i] = bf16(sum<double>(ranks.ranks, kCount)[i]);
    mean[i] = bf16(sum<double>(ranks.ranks, kCount, ranks.ranks)[i]);
  }
  const pcd_tensor tensor = ranks.tensor(PCD_DTYPE_BF16, {static_cast<int64_t>(kCount)});
  ranks.write(tensor, own);
  ranks.require(pcd_all_reduce(ranks.communicator, ranks.stream, &tensor));
  // -0 and 0 are one sum.
  const auto same = [](uint16_t a, uint16_t b) { return a == b || ((a | b) & 0x7fff) == 0; };
  const auto found = ranks.read<uint16_t>(tensor, kCount);
  for (size_t i = 0; i < kCount; ++i) CHECK(same(found[i], total[i]));
  ranks.write(tensor, own);
  ranks.require(pcd_all_reduce_begin(ranks.communicator, ranks.stream, &tensor, PCD_REDUCE_MEAN));
  ranks.require(pcd_communicator_join(ranks.communicator, ranks.stream));
  const auto averaged = ranks.read<uint16_t>(tensor, kCount);
  for (size_t i = 0; i < kCount; ++i) CHECK(same(averaged[i], mean[i]));
}

TEST(several_sums_are_under_way_at_once) {
  Ranks ranks;
  std::vector<pcd_tensor> tensors;
  for (size_t i = 0; i < 8; ++i) {
    const size_t count = i * i * 997 + 1;
    tensors.push_back(ranks.tensor(PCD_DTYPE_F32, {static_cast<int64_t>(count)}));
    ranks.write(tensors.back(), values<float>(ranks.rank, count));
  }
  for (const pcd_tensor& tensor : tensors) {
    const int32_t reduction = &tensor == &tensors[3] ? PCD_REDUCE_MEAN : PCD_REDUCE_SUM;
    ranks.require(pcd_all_reduce_begin(ranks.communicator, ranks.stream, &tensor, reduction));
  }
  ranks.require(pcd_communicator_join(ranks.communicator, ranks.stream));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const size_t count = i * i * 997 + 1;
    const double divisor = i == 3 ? ranks.ranks : 1;
    CHECK(ranks.read<float>(tensors[i], count) == sum<float>(ranks.ranks, count, divisor));
  }
}

TEST(parts_are_gathered_and_scattered) {
  Ranks ranks;
  constexpr size_t kPart = 6;
  const auto all = static_cast<size_t>(ranks.ranks) * kPart;
  const pcd_tensor part = ranks.tensor(PCD_DTYPE_F32, {2, 3});
  const pcd_tensor whole = ranks.tensor(PCD_DTYPE_F32, {2 * ranks.ranks, 3});
  std::vector<float> expected;
  for (int r = 0; r < ranks.ranks; ++r) {
    for (float x : values<float>(r, kPart)) expected.push_back(x);
  }
  ranks.write(part, values<float>(ranks.rank, kPart));
  ranks.require(pcd_all_gather(ranks.communicator, ranks.stream, &part, &whole));
  CHECK(ranks.read<float>(whole, all) == expected);

  // In place: the source is this rank's rows of the target.
  pcd_tensor rows = whole;
  rows.shape[0] = 2;
  rows.offset = static_cast<uint64_t>(ranks.rank) * kPart * sizeof(float);
  ranks.write(whole, std::vector<float>(all, -1));
  ranks.write(rows, values<float>(ranks.rank, kPart));
  ranks.require(pcd_all_gather(ranks.communicator, ranks.stream, &rows, &whole));
  CHECK(ranks.read<float>(whole, all) == expected);

  const std::vector<float> total = sum<float>(ranks.ranks, all);
  const auto begin = total.begin() + static_cast<long>(kPart) * ranks.rank;
  const std::vector<float> own(begin, begin + static_cast<long>(kPart));
  ranks.write(whole, values<float>(ranks.rank, all));
  ranks.require(pcd_reduce_scatter(ranks.communicator, ranks.stream, &whole, &part));
  CHECK(ranks.read<float>(part, kPart) == own);
  ranks.require(pcd_reduce_scatter(ranks.communicator, ranks.stream, &whole, &rows));
  CHECK(ranks.read<float>(rows, kPart) == own);
}

TEST(one_rank_gives_to_all) {
  Ranks ranks;
  const pcd_tensor tensor = ranks.tensor(PCD_DTYPE_I64, {50});
  for (int root = 0; root < ranks.ranks; ++root) {
    ranks.write(tensor, values<int64_t>(ranks.rank, 50));
    ranks.require(pcd_broadcast(ranks.communicator, ranks.stream, &tensor, root));
    CHECK(ranks.read<int64_t>(tensor, 50) == values<int64_t>(root, 50));
    ranks.require(pcd_barrier(ranks.communicator, ranks.stream));
  }
  CHECK_EQ(pcd_broadcast(ranks.communicator, ranks.stream, &tensor, ranks.ranks), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(ranks.message(), "root is");
}

TEST(graphs_record_collectives) {
  Ranks ranks;
  constexpr size_t kCount = 12;
  const pcd_tensor tensor = ranks.tensor(PCD_DTYPE_F32, {kCount});
  const pcd_tensor gathered = ranks.tensor(PCD_DTYPE_F32, {static_cast<int64_t>(kCount) * ranks.ranks});
  auto fill = sized<pcd_fill_desc>();
  fill.value = ranks.rank + 1;
  fill.tensor = tensor;
  pcd_graph* graph = nullptr;
  ranks.require(pcd_graph_begin(ranks.stream));
  ranks.require(pcd_fill(ranks.stream, &fill));
  ranks.require(pcd_all_reduce_begin(ranks.communicator, ranks.stream, &tensor, PCD_REDUCE_SUM));
  ranks.require(pcd_communicator_join(ranks.communicator, ranks.stream));
  ranks.require(pcd_all_gather(ranks.communicator, ranks.stream, &tensor, &gathered));
  ranks.require(pcd_graph_end(ranks.stream, &graph));
  CHECK_EQ(pcd_communicator_destroy(ranks.communicator), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(ranks.message(), "1 graphs hold it");
  const auto expected = static_cast<float>(ranks.ranks * (ranks.ranks + 1) / 2);
  for (int launch = 0; launch < 20; ++launch) {
    ranks.require(pcd_graph_launch(graph, ranks.stream));
    for (float x : ranks.read<float>(gathered, kCount * static_cast<size_t>(ranks.ranks))) CHECK_EQ(x, expected);
  }
  auto info = sized<pcd_communicator_info>();
  ranks.require(pcd_communicator_query(ranks.communicator, &info));
  CHECK_EQ(info.collectives, 40u);
  CHECK_EQ(info.bytes, 20u * kCount * sizeof(float) * static_cast<unsigned>(1 + ranks.ranks));
  CHECK(info.waited > 0);
  ranks.require(pcd_graph_destroy(graph));
}

// Each rank its rows of one batch, embeddings and statistics gathered: the loss and the gradient of the joined batch.
TEST(supcon_over_all_ranks_is_exact) {
  Ranks ranks;
  constexpr int64_t kRows = 12, kDimensions = 32;
  const int64_t n = kRows * ranks.ranks;
  reference::SupConProblem problem;
  problem.entries = n;
  problem.dimensions = kDimensions;
  problem.words = 1;
  std::vector<double> z;
  Random random(5);
  for (int64_t i = 0; i < n; ++i) {
    problem.labels.push_back(i % 7 == 6 ? 0 : uint64_t{1} << (i / 2 % 5));
    problem.groups.push_back(static_cast<int32_t>(i / 2));
    std::vector<double> row(kDimensions);
    double square = 0;
    for (double& x : row) {
      x = random.normal();
      square += x * x;
    }
    for (double x : row) z.push_back(static_cast<float>(x / std::sqrt(square)));
  }
  const auto part = [&](const auto& all, int64_t width) {
    const auto begin = all.begin() + ranks.rank * kRows * width;
    return std::vector<float>(begin, begin + kRows * width);
  };
  auto desc = sized<pcd_supcon_desc>();
  desc.temperature = 0.07f;
  desc.row_begin = ranks.rank * kRows;
  desc.row_end = desc.row_begin + kRows;
  desc.z = ranks.tensor(PCD_DTYPE_F32, {n, kDimensions});
  desc.labels = ranks.tensor(PCD_DTYPE_U64, {n, 1});
  desc.groups = ranks.tensor(PCD_DTYPE_I32, {n});
  desc.statistics = ranks.tensor(PCD_DTYPE_F32, {n, 4});
  desc.loss = ranks.tensor(PCD_DTYPE_F32, {3});
  desc.z_grad = ranks.tensor(PCD_DTYPE_F32, {kRows, kDimensions});
  uint64_t bytes = 0;
  ranks.require(pcd_supcon_workspace_size(ranks.context, &desc, &bytes));
  desc.workspace = ranks.tensor(PCD_DTYPE_U8, {static_cast<int64_t>(bytes) + 1});
  const auto rows = [&](const pcd_tensor& all) {
    pcd_tensor own = all;
    own.shape[0] = kRows;
    own.offset = byte_offset(all, desc.row_begin);
    return own;
  };
  ranks.write(desc.labels, problem.labels);
  ranks.write(desc.groups, problem.groups);
  const pcd_tensor own_z = rows(desc.z), own_statistics = rows(desc.statistics);
  ranks.write(own_z, part(z, kDimensions));
  ranks.require(pcd_all_gather(ranks.communicator, ranks.stream, &own_z, &desc.z));
  ranks.require(pcd_supcon_forward(ranks.stream, &desc));
  ranks.require(pcd_all_gather(ranks.communicator, ranks.stream, &own_statistics, &desc.statistics));
  ranks.require(pcd_supcon_backward(ranks.stream, &desc));
  ranks.require(pcd_all_reduce(ranks.communicator, ranks.stream, &desc.loss));

  const auto loss = reference::supcon_loss(reference::supcon_statistics(problem, z, 0, n));
  const auto found = ranks.read<float>(desc.loss, 3);
  CHECK_EQ(found[2], static_cast<float>(loss.anchors));
  CHECK(std::abs(found[1] - loss.sum) < 1e-5 * loss.sum);
  const auto expected = reference::supcon_gradient(problem, z, desc.row_begin, desc.row_end, 1.0);
  const auto gradient = ranks.read<float>(desc.z_grad, expected.size());
  double error = 0, norm = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(gradient[i] - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  if (ranks.rank == 0) {
    std::printf("supcon of %lld rows on %d ranks: relative error of the gradient %.2g, of the loss %.2g\n",
                static_cast<long long>(n), ranks.ranks, std::sqrt(error / norm),
                std::abs(found[1] - loss.sum) / loss.sum);
  }
  CHECK(std::sqrt(error / norm) < 1e-5);
}

TEST(a_smaller_group_meets_without_the_others) {
  Ranks ranks;
  const int few = (ranks.ranks + 1) / 2;
  if (ranks.rank < few) {
    auto desc = sized<pcd_communicator_desc>();
    desc.kind = PCD_COMMUNICATOR_MPI;
    desc.rank = ranks.rank;
    desc.ranks = few;
    pcd_communicator* group = nullptr;
    ranks.require(pcd_communicator_create(ranks.context, &desc, &group));
    const pcd_tensor tensor = ranks.tensor(PCD_DTYPE_F32, {9});
    ranks.write(tensor, values<float>(ranks.rank, 9));
    ranks.require(pcd_all_reduce(group, ranks.stream, &tensor));
    CHECK(ranks.read<float>(tensor, 9) == sum<float>(few, 9));
    ranks.require(pcd_communicator_destroy(group));
  }
  ranks.require(pcd_barrier(ranks.communicator, ranks.stream));
}

TEST(other_numbers_than_mpi_has_are_refused) {
  Session session;
  auto desc = sized<pcd_communicator_desc>();
  desc.kind = PCD_COMMUNICATOR_MPI;
  desc.rank = own_rank();
  desc.ranks = all_ranks() + 1;
  pcd_communicator* communicator = nullptr;
  CHECK_EQ(pcd_communicator_create(session.context, &desc, &communicator), PCD_ERROR_COMMUNICATION);
  CHECK_CONTAINS(session.message(), "MPI_COMM_WORLD says this is rank");
  char text[256] = "";
  CHECK_EQ(pcd_communicator_library(PCD_COMMUNICATOR_MPI, text, sizeof text), PCD_OK);
  CHECK(std::strlen(text) > 3 && std::strchr(text, '\n') == nullptr);
}

// Its own program run, since a process that aborted ends without MPI_Finalize, which launchers report as a failure. Rank 0
// waits for a sum that rank 1 never joins. "released" is what the run is judged by.
TEST(zz_an_abort_releases_who_waits) {
  if (std::getenv("PCD_TEST_ABORT") == nullptr) return;
  Ranks ranks;
  if (ranks.rank == 0) {
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      pcd_communicator_abort(ranks.communicator);
    });
    const pcd_tensor tensor = ranks.tensor(PCD_DTYPE_F32, {9});
    const int32_t waited = pcd_all_reduce(ranks.communicator, ranks.stream, &tensor);
    const bool told = ranks.message().find("aborted") != std::string::npos;
    other.join();
    const int32_t later = pcd_barrier(ranks.communicator, ranks.stream);
    CHECK_EQ(waited, PCD_ERROR_COMMUNICATION);
    CHECK_EQ(later, PCD_ERROR_COMMUNICATION);
    CHECK(told);
    if (waited == PCD_ERROR_COMMUNICATION && later == PCD_ERROR_COMMUNICATION && told) std::printf("released\n");
    std::fflush(stdout);
  } else {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    pcd_communicator_abort(ranks.communicator);
  }
}

}  // namespace

int main(int argc, char** argv) {
  char text[512] = "";
  // Absent is no fault; there but unusable is.
  if (pcd_communicator_library(PCD_COMMUNICATOR_MPI, text, sizeof text) == PCD_ERROR_NO_PLUGIN &&
      std::strncmp(text, "no MPI plug-in", 14) == 0) {
    std::printf("skipped: no MPI (%s)\n", text);
    return 77;
  }
  return run_cases(argc, argv);
}
