// SPDX-License-Identifier: Apache-2.0
//
// Times one block of dilated_stack through the public ABI, as JSON lines for bench/results: forward (inference), forward
// that saves for backward, and backward, in ns a row at C = 64, 128 and 256. Random data; two sets of tensors in rotation,
// each several times the L2; a graph of four calls is replayed between two events.
//
// usage: blocks [--precision bf16|fp32] [--seconds S] [--rows-log2 N] [--dilation D]
//   --rows-log2 N   2^N rows at C = 64, half at 128, a quarter at 256 (default 21)
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "precordia/precordia.h"

namespace {

constexpr int64_t kLength = 256;
constexpr int kSets = 2, kCalls = 4;

struct Options {
  std::string precision = "bf16";
  double seconds = 0.3;
  int rows_log2 = 21;
  int dilation = 4;
};

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    pcd_context_desc desc{};
    desc.struct_size = sizeof desc;
    desc.backend = PCD_BACKEND_CUDA;
    char message[512] = "";
    if (pcd_context_create(&desc, &context_, message, sizeof message) != PCD_OK) {
      std::fprintf(stderr, "blocks: %s\n", message);
      std::exit(1);
    }
    check(pcd_stream_create(context_, &stream_));
    check(pcd_event_create(context_, &begin_));
    check(pcd_event_create(context_, &end_));
    std::mt19937_64 random(1);
    std::normal_distribution<float> normal;
    for (size_t i = 0; i < kNoise; ++i) noise_.push_back(normal(random));
    for (float value : noise_) {
      uint32_t bits;
      std::memcpy(&bits, &value, 4);
      noise_bf16_.push_back(static_cast<uint16_t>((bits + 0x8000u) >> 16));
    }
  }

  ~Bench() {
    clear();
    pcd_event_destroy(begin_);
    pcd_event_destroy(end_);
    pcd_stream_destroy(stream_);
    pcd_context_destroy(context_);
  }

  void width(int64_t c) {
    const int64_t rows = (int64_t{1} << options_.rows_log2) * 64 / c, batch = rows / kLength;
    const int32_t dtype = options_.precision == "bf16" ? PCD_DTYPE_BF16 : PCD_DTYPE_F32;
    std::vector<pcd_dilated_stack_desc> sets;
    for (int i = 0; i < kSets; ++i) {
      pcd_dilated_stack_desc d{};
      d.struct_size = sizeof d;
      d.blocks = 1;
      d.dilations[0] = options_.dilation;
      d.input = filled({batch, kLength, c}, dtype, 1);
      d.parameters = filled({4 * c * c + 4 * c}, PCD_DTYPE_F32, 1.0f / std::sqrt(3.0f * static_cast<float>(c)));
      pcd_pack_desc pack{};
      pack.struct_size = sizeof pack;
      pack.count = 1;
      pack.entries[0].op = PCD_OP_DILATED_STACK;
      pack.entries[0].dtype = dtype;
      pack.entries[0].channels = static_cast<int32_t>(c);
      pack.entries[0].blocks = 1;
      pack.entries[0].parameters = d.parameters;
      uint64_t bytes = 0;
      check(pcd_pack_size(context_, &pack.entries[0], &bytes));
      d.packed = pack.entries[0].packed = tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
      check(pcd_pack(stream_, &pack));
      d.output = tensor({batch, kLength, c}, dtype);
      d.output_grad = filled({batch, kLength, c}, dtype, 1);
      d.input_grad = tensor({batch, kLength, c}, dtype);
      d.parameter_grad = tensor({4 * c * c + 4 * c}, PCD_DTYPE_F32);
      check(pcd_dilated_stack_saved_size(context_, &d, &bytes));
      d.saved = tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
      check(pcd_dilated_stack_workspace_size(context_, &d, &bytes));
      d.workspace = tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
      sets.push_back(d);
    }
    std::vector<pcd_dilated_stack_desc> inference = sets;
    for (pcd_dilated_stack_desc& d : inference) d.flags = PCD_FLAG_INFERENCE;
    measure("block forward", c, rows, inference, pcd_dilated_stack_forward);
    measure("block forward, saving for backward", c, rows, sets, pcd_dilated_stack_forward);
    measure("block backward", c, rows, sets, pcd_dilated_stack_backward);
    check(pcd_stream_synchronize(stream_));
    clear();
  }

 private:
  static constexpr size_t kNoise = size_t{1} << 20;

  void check(int32_t status) const {
    if (status == PCD_OK) return;
    std::fprintf(stderr, "blocks: %s: %s\n", pcd_status_name(status), pcd_context_message(context_));
    std::exit(1);
  }

  pcd_tensor tensor(std::vector<int64_t> shape, int32_t dtype) {
    pcd_tensor t{};
    t.dtype = dtype;
    t.rank = static_cast<int32_t>(shape.size());
    int64_t count = 1;
    for (int i = 0; i < 4; ++i) {
      t.shape[i] = i < t.rank ? shape[static_cast<size_t>(i)] : 1;
      count *= t.shape[i];
    }
    const uint64_t size = dtype == PCD_DTYPE_U8 ? 1 : dtype == PCD_DTYPE_BF16 ? 2 : 4;
    check(pcd_buffer_create(stream_, static_cast<uint64_t>(count) * size, PCD_MEMORY_DEVICE, &t.buffer));
    buffers_.push_back(t.buffer);
    return t;
  }

  // The same million normals again and again.
  pcd_tensor filled(std::vector<int64_t> shape, int32_t dtype, float scale) {
    const pcd_tensor t = tensor(shape, dtype);
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    std::vector<float> scaled(noise_);
    for (float& value : scaled) value *= scale;
    for (int64_t at = 0; at < count; at += static_cast<int64_t>(kNoise)) {
      const int64_t piece = std::min<int64_t>(static_cast<int64_t>(kNoise), count - at);
      const uint64_t size = dtype == PCD_DTYPE_BF16 ? 2 : 4;
      pcd_tensor part = t;
      part.offset = static_cast<uint64_t>(at) * size;
      part.rank = 1;
      part.shape[0] = piece;
      part.shape[1] = part.shape[2] = 1;
      const void* from = size == 2 ? static_cast<const void*>(noise_bf16_.data()) : scaled.data();
      check(pcd_upload(stream_, from, static_cast<uint64_t>(piece) * size, &part));
    }
    return t;
  }

  void measure(const char* subject, int64_t c, int64_t rows, const std::vector<pcd_dilated_stack_desc>& sets,
               int32_t (*op)(pcd_stream*, const pcd_dilated_stack_desc*)) {
    pcd_graph* graph = nullptr;
    check(op(stream_, &sets[0]));
    check(pcd_stream_synchronize(stream_));
    check(pcd_graph_begin(stream_));
    for (int i = 0; i < kCalls; ++i) check(op(stream_, &sets[static_cast<size_t>(i % kSets)]));
    check(pcd_graph_end(stream_, &graph));
    std::vector<double> times;
    double total = 0;
    for (int i = 0; i < 3 || total < options_.seconds * 1e3; ++i) {
      double elapsed = 0;
      check(pcd_event_record(begin_, stream_));
      check(pcd_graph_launch(graph, stream_));
      check(pcd_event_record(end_, stream_));
      check(pcd_event_synchronize(end_));
      check(pcd_event_elapsed(begin_, end_, &elapsed));
      total += elapsed;
      if (i >= 2) times.push_back(elapsed / kCalls);
    }
    check(pcd_graph_destroy(graph));
    std::sort(times.begin(), times.end());
    const auto at = [&](double q) { return times[static_cast<size_t>(q * static_cast<double>(times.size() - 1))]; };
    std::printf("{\"record\": \"measurement\", \"stage\": \"bench\", \"variant\": \"precordia\", \"precision\": \"%s\", "
                "\"shape\": {\"width\": %lld, \"rows\": %lld, \"length\": %lld, \"dilation\": %d}, \"subject\": \"%s\", "
                "\"median_ms\": %.6g, \"p10_ms\": %.6g, \"p90_ms\": %.6g, \"repeats\": %zu, \"value\": %.4g, "
                "\"unit\": \"ns/row\"}\n",
                options_.precision.c_str(), static_cast<long long>(c), static_cast<long long>(rows),
                static_cast<long long>(kLength), options_.dilation, subject, at(0.5), at(0.1), at(0.9), times.size(),
                at(0.5) * 1e6 / static_cast<double>(rows));
    std::fflush(stdout);
  }

  void clear() {
    for (pcd_buffer* buffer : buffers_) pcd_buffer_destroy(buffer);
    buffers_.clear();
    pcd_memory_trim(context_);
  }

  Options options_;
  pcd_context* context_ = nullptr;
  pcd_stream* stream_ = nullptr;
  pcd_event *begin_ = nullptr, *end_ = nullptr;
  std::vector<pcd_buffer*> buffers_;
  std::vector<float> noise_;
  std::vector<uint16_t> noise_bf16_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--precision") {
      options.precision = argv[i + 1];
    } else if (name == "--seconds") {
      options.seconds = std::atof(argv[i + 1]);
    } else if (name == "--rows-log2") {
      options.rows_log2 = std::atoi(argv[i + 1]);
    } else if (name == "--dilation") {
      options.dilation = std::atoi(argv[i + 1]);
    } else {
      std::fprintf(stderr, "blocks: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  Bench bench(options);
  for (int64_t c : {64, 128, 256}) bench.width(c);
  return 0;
}
