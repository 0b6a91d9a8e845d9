// SPDX-License-Identifier: Apache-2.0
//
// A device under test: its memory, the time of recorded work, and a JSON line for bench/results.
#ifndef PCD_BENCH_GPU_DEVICE_H
#define PCD_BENCH_GPU_DEVICE_H

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "precordia/precordia.h"

namespace pcd::bench {

// Milliseconds of one call of the work.
struct Timing {
  double median, p10, p90;
  size_t repeats;
};

// How work of a stream is issued: each repeat as the replay of one graph, or op by op.
enum class Issue { graph, ops };

// Times `calls` calls of work(0), work(1)… between two events, again and again for `seconds`.
// @throws std::runtime_error with the context's sentence
Timing measure(pcd_context* context, pcd_stream* stream, Issue issue, int calls, double seconds,
               const std::function<int32_t(int)>& work);

// Prints a "measurement" line. `head` is its JSON members subject, variant, precision and shape; `more` may be empty.
void print_measurement(const std::string& head, const Timing& timing, double value, const char* unit,
                       const std::string& more);
// Prints the line of a shape that gave no figure.
void print_failure(const std::string& head, const std::string& status, const std::string& note);

// A context with one stream, and random tensors that live until clear().
class Device {
 public:
  // @throws std::runtime_error with the reason why there is no such device
  explicit Device(int32_t backend);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  pcd_context* context() const { return context_; }
  pcd_stream* stream() const { return stream_; }
  // @throws std::runtime_error
  void check(int32_t status) const;
  pcd_tensor tensor(const std::vector<int64_t>& shape, int32_t dtype);
  // F32 or BF16 normals, the same million again and again.
  pcd_tensor normal(const std::vector<int64_t>& shape, int32_t dtype, float deviation);
  void upload(const pcd_tensor& target, const void* source, uint64_t bytes);
  // Memory of the size that an op asks for; a view without a buffer where it asks for none.
  template <class Desc>
  pcd_tensor sized(int32_t (*query)(pcd_context*, const Desc*, uint64_t*), const Desc& desc) {
    uint64_t bytes = 0;
    check(query(context_, &desc, &bytes));
    return bytes == 0 ? pcd_tensor{} : tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
  }
  uint64_t memory() const;
  void clear();

 private:
  pcd_context* context_ = nullptr;
  pcd_stream* stream_ = nullptr;
  std::vector<pcd_buffer*> buffers_;
  std::vector<float> noise_;
};

// The options of a program: "--name value" pairs with their defaults. A name that has no default ends the program.
class Options {
 public:
  Options(const char* program, std::map<std::string, std::string> defaults, int argc, char** argv);
  std::string text(const std::string& name) const { return values_.at(name); }
  double number(const std::string& name) const;
  // Comma-separated integers.
  std::vector<int64_t> list(const std::string& name) const;
  int32_t backend() const;  // of --backend cpu|cuda
  int32_t dtype() const;    // of --precision bf16|fp32

 private:
  [[noreturn]] void refuse(const std::string& sentence) const;
  std::string program_;
  std::map<std::string, std::string> values_;
};

}  // namespace pcd::bench

#endif
