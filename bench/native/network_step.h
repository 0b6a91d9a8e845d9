// SPDX-License-Identifier: Apache-2.0
//
// A training step of the recipe `joint`, and the reconstruction of windows, out of ops of the C ABI over
// synthetic data: what the trainer runs, to be timed op by op or as a whole, on any backend.
#ifndef PCD_BENCH_NETWORK_STEP_H
#define PCD_BENCH_NETWORK_STEP_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "precordia/precordia.h"

namespace pcd::bench {

struct NetworkShape {
  int64_t batch = 128;
  int64_t length = 256;
  int64_t channels = 64;
  int64_t leads = 3;
  int64_t targets = 5;
  int64_t labels = 44;
  int64_t embedding = 128;
};

// Where a step runs, and how it stores activations.
struct Placement {
  int32_t backend = PCD_BACKEND_CPU;
  int32_t threads = 0;          // CPU; 0: all
  std::string instruction_set;  // CPU; empty: the best
  int32_t dtype = PCD_DTYPE_F32;  // F32 or BF16
};

// One op of a step: its name, the floating-point operations of its products, and the call.
struct Call {
  std::string name;
  double operations;
  std::function<int32_t()> run;
};

class NetworkStep {
 public:
  // @throws std::runtime_error with the context's sentence
  NetworkStep(const NetworkShape& shape, const Placement& placement);
  ~NetworkStep();
  NetworkStep(const NetworkStep&) = delete;
  NetworkStep& operator=(const NetworkStep&) = delete;

  const std::vector<Call>& training() const { return training_; }
  const std::vector<Call>& inference() const { return inference_; }
  // Runs one op. @throws std::runtime_error
  void run(const Call& call) const;
  // Bytes in buffers.
  uint64_t memory() const;
  pcd_context* context() const { return context_; }
  pcd_stream* stream() const { return stream_; }
  const Placement& placement() const { return placement_; }

 private:
  struct Descriptors;

  pcd_tensor tensor(std::vector<int64_t> shape, int32_t dtype = PCD_DTYPE_F32);
  template <class T>
  pcd_tensor filled(std::vector<int64_t> shape, int32_t dtype, const std::vector<T>& values);
  pcd_tensor normal(std::vector<int64_t> shape, double deviation);
  pcd_tensor piece(const pcd_tensor& flat, int64_t count);
  void check(int32_t status) const;
  void release();
  template <class Desc>
  pcd_tensor sized(int32_t (*query)(pcd_context*, const Desc*, uint64_t*), const Desc& desc);
  void pack(int32_t op, int64_t leads, int32_t blocks, const pcd_tensor& parameters, pcd_tensor& packed);
  void build();
  void add(std::vector<Call>& calls, const std::string& name, double operations,
           std::function<int32_t()> run);

  NetworkShape shape_;
  Placement placement_;
  pcd_context* context_ = nullptr;
  pcd_stream* stream_ = nullptr;
  std::vector<pcd_buffer*> buffers_;
  uint64_t seed_ = 1;
  int64_t parameters_used_ = 0;
  Descriptors* d_ = nullptr;
  std::vector<Call> training_;
  std::vector<Call> inference_;
};

}  // namespace pcd::bench

#endif
