// SPDX-License-Identifier: Apache-2.0
//
// The peer of `precordia bench comm`: the same collectives by MPI's own blocking calls, from the thread that has nothing
// else to do. Times are those of the slowest rank; JSON lines for bench/results.
//
// usage: mpirun -n R mpi_peer [--sizes 1024,...] [--seconds S] [--rounds N]
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace {

struct Case {
  const char* name;
  long bytes;
  double bus_factor;
  std::function<void()> call;
  std::vector<double> rounds;  // milliseconds
};

double once(const Case& c, int calls) {
  const double begin = MPI_Wtime();
  for (int i = 0; i < calls; ++i) c.call();
  return (MPI_Wtime() - begin) * 1e3 / calls;
}

void turn(Case& c, double slice_ms) {
  for (int i = 0; i < 2; ++i) c.call();
  int calls = static_cast<int>(std::clamp(slice_ms / std::max(once(c, 1), 1e-6), 1.0, 10000.0));
  MPI_Bcast(&calls, 1, MPI_INT, 0, MPI_COMM_WORLD);
  MPI_Barrier(MPI_COMM_WORLD);
  const double own = once(c, calls);
  double slowest = 0;
  MPI_Allreduce(&own, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  c.rounds.push_back(slowest);
}

void print(const Case& c, int ranks) {
  std::vector<double> sorted = c.rounds;
  std::sort(sorted.begin(), sorted.end());
  const size_t n = sorted.size();
  const double median = n % 2 != 0 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  const double gbps = static_cast<double>(c.bytes) / median * 1e-6;
  std::printf("{\"record\": \"measurement\", \"stage\": \"comm\", \"subject\": \"%s\", \"variant\": \"MPI, blocking\", "
              "\"precision\": \"fp32\", \"shape\": {\"bytes\": %ld, \"ranks\": %d}, \"median_ms\": %.6g, \"p10_ms\": "
              "%.6g, \"p90_ms\": %.6g, \"repeats\": %zu, \"rounds\": [",
              c.name, c.bytes, ranks, median, sorted.front(), sorted.back(), n);
  for (size_t i = 0; i < n; ++i) std::printf("%s%.6g", i == 0 ? "" : ", ", c.rounds[i]);
  std::printf("], \"value\": %.6g, \"unit\": \"GB/s\", \"gbps\": %.6g, \"bytes\": %ld}\n", gbps * c.bus_factor, gbps,
              c.bytes);
}

}  // namespace

int main(int argc, char** argv) {
  std::string sizes = "1024,16384,262144,4194304,67108864";
  double seconds = 20;
  int rounds = 7;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--sizes") == 0) sizes = argv[i + 1];
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::atoi(argv[i + 1]);
  }
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  std::vector<long> bytes;
  for (const char* at = sizes.c_str(); *at != '\0';) {
    char* end = nullptr;
    bytes.push_back(std::strtol(at, &end, 10));
    at = *end == ',' ? end + 1 : end;
  }
  const long most = *std::max_element(bytes.begin(), bytes.end()) / 4 + ranks;
  std::vector<float> whole(static_cast<size_t>(most)), part(static_cast<size_t>(most));
  std::vector<Case> cases;
  const double share = static_cast<double>(ranks - 1) / ranks;
  for (const long size : bytes) {
    const int each = static_cast<int>(std::max(1l, size / 4 / ranks)), all = each * ranks;
    float* const w = whole.data();
    float* const p = part.data();
    cases.push_back({"all_reduce", 4l * all, 2 * share, [=] {
      MPI_Allreduce(MPI_IN_PLACE, w, all, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }, {}});
    cases.push_back({"all_gather", 4l * all, share, [=] {
      MPI_Allgather(p, each, MPI_FLOAT, w, each, MPI_FLOAT, MPI_COMM_WORLD);
    }, {}});
    cases.push_back({"reduce_scatter", 4l * all, share, [=] {
      MPI_Reduce_scatter_block(w, p, each, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }, {}});
    cases.push_back({"broadcast", 4l * all, 1, [=] { MPI_Bcast(w, all, MPI_FLOAT, 0, MPI_COMM_WORLD); }, {}});
  }
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < cases.size(); ++i) {
      turn(cases[round % 2 == 0 ? i : cases.size() - 1 - i], 1e3 * seconds / (rounds * static_cast<double>(cases.size())));
    }
  }
  if (rank == 0) {
    for (const Case& c : cases) print(c, ranks);
  }
  MPI_Finalize();
  return 0;
}
