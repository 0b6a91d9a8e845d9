// SPDX-License-Identifier: Apache-2.0
//
// precordia_contrast: the supervised contrastive loss, forward and backward, in turns with others (turns.h). "Resident"
// is the process with z, labels and groups; what the peak has more is the loss's.
//
//   precordia_contrast any|out|jaccard N DIMENSIONS THREADS
//
// Labels are as bench/gpu/peer/contrast.py has them: one to three of 44, most of them few.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "precordia/precordia.h"
#include "turns.h"

namespace {

using namespace pcd::bench;

class Contrast {
 public:
  Contrast(int32_t target, int64_t n, int64_t dimensions, int32_t threads) {
    pcd_context_desc desc{};
    desc.struct_size = sizeof desc;
    desc.backend = PCD_BACKEND_CPU;
    desc.threads = threads;
    char message[512] = "";
    if (pcd_context_create(&desc, &context_, message, sizeof message) != PCD_OK) throw std::runtime_error(message);
    check(pcd_stream_create(context_, &stream_));
    desc_.struct_size = sizeof desc_;
    desc_.target = target;
    desc_.temperature = 0.07f;
    desc_.row_end = n;
    desc_.z = tensor(PCD_DTYPE_F32, 4, n, dimensions);
    desc_.labels = tensor(PCD_DTYPE_U64, 8, n, 2);
    desc_.groups = tensor(PCD_DTYPE_I32, 4, n, 0);
    fill(n, dimensions);
    resident_ = memory_status("VmRSS");
    desc_.statistics = tensor(PCD_DTYPE_F32, 4, n, 4);
    desc_.loss = tensor(PCD_DTYPE_F32, 4, 3, 0);
    desc_.z_grad = tensor(PCD_DTYPE_F32, 4, n, dimensions);
    check(pcd_supcon_workspace_size(context_, &desc_, &workspace_));
    desc_.workspace = tensor(PCD_DTYPE_U8, 1, static_cast<int64_t>(workspace_), 0);
  }
  ~Contrast() {
    for (pcd_buffer* buffer : buffers_) pcd_buffer_destroy(buffer);
    pcd_stream_destroy(stream_);
    pcd_context_destroy(context_);
  }
  Contrast(const Contrast&) = delete;
  Contrast& operator=(const Contrast&) = delete;

  long long resident() const { return resident_; }
  uint64_t workspace() const { return workspace_; }
  void pass() {
    check(pcd_supcon_forward(stream_, &desc_));
    check(pcd_supcon_backward(stream_, &desc_));
  }

 private:
  void check(int32_t status) const {
    if (status != PCD_OK) throw std::runtime_error(pcd_context_message(context_));
  }

  // [rows, columns], or [rows] when columns is 0.
  pcd_tensor tensor(int32_t dtype, int64_t size, int64_t rows, int64_t columns) {
    pcd_tensor view{};
    view.dtype = dtype;
    view.rank = columns == 0 ? 1 : 2;
    for (int64_t& extent : view.shape) extent = 1;
    view.shape[0] = rows;
    if (columns > 0) view.shape[1] = columns;
    const uint64_t bytes = static_cast<uint64_t>(size * rows * view.shape[1]);
    check(pcd_buffer_create(stream_, bytes, PCD_MEMORY_DEVICE, &view.buffer));
    buffers_.push_back(view.buffer);
    return view;
  }

  void fill(int64_t n, int64_t dimensions) {
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<double> uniform;
    float* z = static_cast<float*>(pcd_buffer_data(desc_.z.buffer));
    uint64_t* labels = static_cast<uint64_t*>(pcd_buffer_data(desc_.labels.buffer));
    int32_t* groups = static_cast<int32_t*>(pcd_buffer_data(desc_.groups.buffer));
    for (int64_t i = 0; i < n; ++i) {
      double square = 0;
      for (int64_t k = 0; k < dimensions; ++k) {
        const float value = z[i * dimensions + k] = normal(generator);
        square += value * value;
      }
      for (int64_t k = 0; k < dimensions; ++k) z[i * dimensions + k] /= static_cast<float>(std::sqrt(square));
      labels[2 * i] = labels[2 * i + 1] = 0;
      for (int draw = 0; draw < 3; ++draw) {
        labels[2 * i] |= uint64_t{1} << static_cast<int>(44 * std::pow(uniform(generator), 3));
      }
      groups[i] = static_cast<int32_t>(i);
    }
  }

  pcd_context* context_ = nullptr;
  pcd_stream* stream_ = nullptr;
  std::vector<pcd_buffer*> buffers_;
  pcd_supcon_desc desc_{};
  uint64_t workspace_ = 0;
  long long resident_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc == 5 ? argv[1] : "";
  const int32_t target = name == "any"       ? PCD_SUPCON_ANY
                         : name == "out"     ? PCD_SUPCON_OUT
                         : name == "jaccard" ? PCD_SUPCON_JACCARD
                                             : -1;
  const long long n = argc == 5 ? std::atoll(argv[2]) : 0, dimensions = argc == 5 ? std::atoll(argv[3]) : 0;
  const int threads = argc == 5 ? std::atoi(argv[4]) : 0;
  if (target < 0 || n < 1 || dimensions < 1 || threads < 1) {
    std::fprintf(stderr, "usage: precordia_contrast any|out|jaccard N DIMENSIONS THREADS\n");
    return 2;
  }
  try {
    Contrast contrast(target, n, dimensions, threads);
    // Similarities, the same again in backward, and the gradient.
    const double operations = 6.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(dimensions);
    char facts[120];
    std::snprintf(facts, sizeof facts, "\"operations\": %.0f, \"workspace_bytes\": %llu", operations,
                  static_cast<unsigned long long>(contrast.workspace()));
    serve_passes(facts, contrast.resident(), [&] { contrast.pass(); });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "precordia_contrast: %s\n", error.what());
    return 1;
  }
  return 0;
}
