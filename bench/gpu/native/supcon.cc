// SPDX-License-Identifier: Apache-2.0
//
// Times the supervised contrastive loss, forward and backward, through the public ABI, as JSON lines for bench/results:
// milliseconds, and bytes of device memory beyond z and dz. Data as the PyTorch peer has them: normal directions of 128
// dimensions, one to three of 44 labels, every entry a group of its own.
//
// usage: supcon [--backend cuda|cpu] [--precision bf16|fp32] [--counts 1024,4096,16384,65536,131072] [--seconds S]
//   bf16 is PCD_FLAG_FAST_PRODUCTS, which runs in bf16 set
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>
#include <stdexcept>

#include "device.h"

namespace {

using namespace pcd::bench;

constexpr int64_t kDimensions = 128;
constexpr int kLabels = 44;

pcd_supcon_desc loss(Device& device, int64_t n, bool fast) {
  std::mt19937_64 random(static_cast<uint64_t>(n));
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<float> z(static_cast<size_t>(n * kDimensions));
  std::vector<uint64_t> labels(static_cast<size_t>(2 * n));
  std::vector<int32_t> groups(static_cast<size_t>(n));
  std::iota(groups.begin(), groups.end(), 0);
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    float* row = z.data() + i * kDimensions;
    double squares = 0;
    for (int64_t k = 0; k < kDimensions; ++k) {
      row[k] = normal(random);
      squares += row[k] * row[k];
    }
    for (int64_t k = 0; k < kDimensions; ++k) row[k] /= static_cast<float>(std::sqrt(squares));
    for (int label = 0; label < 3; ++label) {
      const double u = uniform(random);
      labels[2 * i] |= uint64_t{1} << static_cast<int>(kLabels * u * u * u);
    }
  }
  pcd_supcon_desc d{};
  d.struct_size = sizeof d;
  d.flags = fast ? PCD_FLAG_FAST_PRODUCTS : 0;
  d.temperature = 0.07f;
  d.row_end = n;
  d.z = device.tensor({n, kDimensions}, PCD_DTYPE_F32);
  d.labels = device.tensor({n, 2}, PCD_DTYPE_U64);
  d.groups = device.tensor({n}, PCD_DTYPE_I32);
  device.upload(d.z, z.data(), z.size() * sizeof z[0]);
  device.upload(d.labels, labels.data(), labels.size() * sizeof labels[0]);
  device.upload(d.groups, groups.data(), groups.size() * sizeof groups[0]);
  d.statistics = device.tensor({n, 4}, PCD_DTYPE_F32);
  d.loss = device.tensor({3}, PCD_DTYPE_F32);
  d.z_grad = device.tensor({n, kDimensions}, PCD_DTYPE_F32);
  return d;
}

void time(Device& device, const Options& options, int64_t n, int32_t target, const char* name) {
  char head[400];
  std::snprintf(head, sizeof head,
                "\"subject\": \"supcon forward + backward\", \"variant\": \"precordia %s\", \"precision\": \"%s\", "
                "\"shape\": {\"n\": %lld, \"dimensions\": %lld}",
                name, options.text("--precision").c_str(), static_cast<long long>(n),
                static_cast<long long>(kDimensions));
  try {
    pcd_supcon_desc d = loss(device, n, options.dtype() == PCD_DTYPE_BF16);
    d.target = target;
    d.workspace = device.sized(pcd_supcon_workspace_size, d);
    const Timing timing = measure(device.context(), device.stream(), Issue::graph, 1, options.number("--seconds"),
                                  [&](int) {
                                    const int32_t status = pcd_supcon_forward(device.stream(), &d);
                                    return status != PCD_OK ? status : pcd_supcon_backward(device.stream(), &d);
                                  });
    const uint64_t given = 2 * static_cast<uint64_t>(n * kDimensions) * sizeof(float);
    print_measurement(head, timing, timing.median, "ms", "\"peak_bytes\": " + std::to_string(device.memory() - given));
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    print_failure(head, text.find("OUT_OF_MEMORY") == std::string::npos ? "error" : "out-of-memory", text);
  }
  device.clear();
}

}  // namespace

int main(int argc, char** argv) {
  const Options options("supcon",
                        {{"--backend", "cuda"}, {"--precision", "bf16"}, {"--counts", "1024,4096,16384,65536,131072"},
                         {"--seconds", "0.3"}},
                        argc, argv);
  try {
    Device device(options.backend());
    for (const int64_t n : options.list("--counts")) {
      time(device, options, n, PCD_SUPCON_ANY, "any");
      time(device, options, n, PCD_SUPCON_OUT, "out");
      time(device, options, n, PCD_SUPCON_JACCARD, "jaccard");
    }
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "supcon: %s\n", error.what());
    return 1;
  }
  return 0;
}
