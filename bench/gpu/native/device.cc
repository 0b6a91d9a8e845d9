// SPDX-License-Identifier: Apache-2.0
//
// Memory, clock and output of the benchmarks that go through the public ABI.
#include "device.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>
#include <stdexcept>

namespace pcd::bench {
namespace {

constexpr int64_t kNoise = int64_t{1} << 20;

void require(pcd_context* context, int32_t status) {
  if (status == PCD_OK) return;
  throw std::runtime_error(std::string(pcd_status_name(status)) + ": " + pcd_context_message(context));
}

uint16_t bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

}  // namespace

Timing measure(pcd_context* context, pcd_stream* stream, Issue issue, int calls, double seconds,
               const std::function<int32_t(int)>& work) {
  constexpr int kWarmUps = 2;
  pcd_event *begin = nullptr, *end = nullptr;
  pcd_graph* graph = nullptr;
  require(context, pcd_event_create(context, &begin));
  require(context, pcd_event_create(context, &end));
  const auto issue_all = [&] {
    for (int i = 0; i < calls; ++i) require(context, work(i));
  };
  require(context, work(0));
  require(context, pcd_stream_synchronize(stream));
  if (issue == Issue::graph) {
    require(context, pcd_graph_begin(stream));
    issue_all();
    require(context, pcd_graph_end(stream, &graph));
  }
  std::vector<double> times;
  double total = 0;
  for (int i = 0; i <= kWarmUps || total < seconds * 1e3; ++i) {
    double elapsed = 0;
    require(context, pcd_event_record(begin, stream));
    if (graph != nullptr) {
      require(context, pcd_graph_launch(graph, stream));
    } else {
      issue_all();
    }
    require(context, pcd_event_record(end, stream));
    require(context, pcd_event_synchronize(end));
    require(context, pcd_event_elapsed(begin, end, &elapsed));
    total += elapsed;
    if (i >= kWarmUps) times.push_back(elapsed / calls);
  }
  if (graph != nullptr) require(context, pcd_graph_destroy(graph));
  require(context, pcd_event_destroy(begin));
  require(context, pcd_event_destroy(end));
  std::sort(times.begin(), times.end());
  const auto at = [&](double q) { return times[static_cast<size_t>(q * static_cast<double>(times.size() - 1))]; };
  return {at(0.5), at(0.1), at(0.9), times.size()};
}

void print_measurement(const std::string& head, const Timing& timing, double value, const char* unit,
                       const std::string& more) {
  std::printf("{\"record\": \"measurement\", \"stage\": \"bench\", %s, \"median_ms\": %.6g, \"p10_ms\": %.6g, "
              "\"p90_ms\": %.6g, \"repeats\": %zu, \"value\": %.6g, \"unit\": \"%s\"%s%s}\n",
              head.c_str(), timing.median, timing.p10, timing.p90, timing.repeats, value, unit,
              more.empty() ? "" : ", ", more.c_str());
  std::fflush(stdout);
}

void print_failure(const std::string& head, const std::string& status, const std::string& note) {
  std::printf("{\"record\": \"measurement\", \"stage\": \"bench\", %s, \"status\": \"%s\", \"note\": \"%s\"}\n",
              head.c_str(), status.c_str(), escaped(note).c_str());
  std::fflush(stdout);
}

Device::Device(int32_t backend) {
  pcd_context_desc desc{};
  desc.struct_size = sizeof desc;
  desc.backend = backend;
  char message[512] = "";
  if (pcd_context_create(&desc, &context_, message, sizeof message) != PCD_OK) throw std::runtime_error(message);
  check(pcd_stream_create(context_, &stream_));
  std::mt19937_64 random(1);
  std::normal_distribution<float> draw;
  noise_.resize(kNoise);
  for (float& value : noise_) value = draw(random);
}

Device::~Device() {
  for (pcd_buffer* buffer : buffers_) pcd_buffer_destroy(buffer);
  pcd_stream_destroy(stream_);
  pcd_context_destroy(context_);
}

void Device::check(int32_t status) const { require(context_, status); }

pcd_tensor Device::tensor(const std::vector<int64_t>& shape, int32_t dtype) {
  static constexpr uint64_t sizes[] = {4, 2, 8, 2, 4, 8, 8, 1};
  pcd_tensor view{};
  view.dtype = dtype;
  view.rank = static_cast<int32_t>(shape.size());
  uint64_t bytes = sizes[dtype];
  for (size_t i = 0; i < 4; ++i) {
    view.shape[i] = i < shape.size() ? shape[i] : 1;
    bytes *= static_cast<uint64_t>(view.shape[i]);
  }
  check(pcd_buffer_create(stream_, bytes, PCD_MEMORY_DEVICE, &view.buffer));
  buffers_.push_back(view.buffer);
  return view;
}

pcd_tensor Device::normal(const std::vector<int64_t>& shape, int32_t dtype, float deviation) {
  const pcd_tensor whole = tensor(shape, dtype);
  std::vector<float> wide(noise_);
  std::vector<uint16_t> narrow(noise_.size());
  for (float& value : wide) value *= deviation;
  std::transform(wide.begin(), wide.end(), narrow.begin(), bf16);
  const bool half = dtype == PCD_DTYPE_BF16;
  const uint64_t size = half ? 2 : 4;
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  for (int64_t at = 0; at < count; at += kNoise) {
    pcd_tensor part = whole;
    part.offset = static_cast<uint64_t>(at) * size;
    part.rank = 1;
    part.shape[0] = std::min(kNoise, count - at);
    part.shape[1] = part.shape[2] = part.shape[3] = 1;
    const void* source = half ? static_cast<const void*>(narrow.data()) : wide.data();
    check(pcd_upload(stream_, source, static_cast<uint64_t>(part.shape[0]) * size, &part));
  }
  return whole;
}

void Device::upload(const pcd_tensor& target, const void* source, uint64_t bytes) {
  check(pcd_upload(stream_, source, bytes, &target));
}

uint64_t Device::memory() const {
  pcd_memory_info info{};
  info.struct_size = sizeof info;
  check(pcd_memory_query(context_, &info));
  return info.in_use;
}

void Device::clear() {
  check(pcd_stream_synchronize(stream_));
  for (pcd_buffer* buffer : buffers_) check(pcd_buffer_destroy(buffer));
  buffers_.clear();
  check(pcd_memory_trim(context_));
}

Options::Options(const char* program, std::map<std::string, std::string> defaults, int argc, char** argv)
    : program_(program), values_(std::move(defaults)) {
  for (int i = 1; i < argc; i += 2) {
    if (values_.count(argv[i]) == 0) refuse(std::string("unknown option ") + argv[i]);
    if (i + 1 == argc) refuse(std::string("option ") + argv[i] + " needs a value");
    values_[argv[i]] = argv[i + 1];
  }
}

double Options::number(const std::string& name) const {
  char* end = nullptr;
  const double value = std::strtod(values_.at(name).c_str(), &end);
  if (*end != '\0' || !(value > 0)) refuse(name + " " + values_.at(name) + ": a positive number is needed");
  return value;
}

std::vector<int64_t> Options::list(const std::string& name) const {
  std::vector<int64_t> result;
  std::istringstream stream(values_.at(name));
  for (std::string item; std::getline(stream, item, ',');) {
    const int64_t value = std::atoll(item.c_str());
    if (value < 1) refuse(name + " " + values_.at(name) + ": positive integers are needed, with commas between");
    result.push_back(value);
  }
  return result;
}

int32_t Options::backend() const {
  const std::string name = values_.at("--backend");
  if (name == "cpu") return PCD_BACKEND_CPU;
  if (name == "cuda") return PCD_BACKEND_CUDA;
  refuse("--backend " + name + ": choose cpu or cuda");
}

int32_t Options::dtype() const {
  const std::string name = values_.at("--precision");
  if (name == "bf16") return PCD_DTYPE_BF16;
  if (name == "fp32") return PCD_DTYPE_F32;
  refuse("--precision " + name + ": choose bf16 or fp32");
}

void Options::refuse(const std::string& sentence) const {
  std::fprintf(stderr, "%s: %s\n", program_.c_str(), sentence.c_str());
  std::exit(2);
}

}  // namespace pcd::bench
