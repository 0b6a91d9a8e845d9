// SPDX-License-Identifier: Apache-2.0
//
// Times training steps of the recipe `joint`, data and augmentation included, and reconstruction, through the public
// ABI, as JSON lines for bench/results: windows a second, model TFLOP/s, bytes of device memory. A step is the replay
// of one graph ("precordia"), as the trainer runs it, or its ops issued one by one ("precordia op by op").
//
// usage: step [--backend cuda|cpu] [--precision bf16|fp32] [--sizes small,base,large]
//             [--batches 128,512,1024,2048,4096] [--seconds S]
#include <cstdio>
#include <map>
#include <sstream>
#include <stdexcept>

#include "../../native/network_step.h"
#include "device.h"

namespace {

using namespace pcd::bench;

// The largest batch whose launches, and not its kernels, may be what takes the time.
constexpr int64_t kMostOpByOp = 512;

// Model FLOP of one window's forward pass, matrix work alone: what the PyTorch peer counts.
double flop_per_window(const NetworkShape& s) {
  const double c = static_cast<double>(s.channels), length = static_cast<double>(s.length);
  const double leads = static_cast<double>(s.leads), targets = static_cast<double>(s.targets);
  const double blocks = 14 * 8 * c * c * length, stems = 2 * 2 * 7 * leads * c * length;
  const double heads = 2 * (c + leads) * targets * length;
  const double vectors =
      2 * c * (c + static_cast<double>(s.embedding) + static_cast<double>(s.labels) + 2 * c);
  return blocks + stems + heads + vectors;
}

class Bench {
 public:
  Bench(const Options& options, const std::string& size, const NetworkShape& shape)
      : options_(options), size_(size), shape_(shape) {}

  void run() const {
    try {
      const NetworkStep step(shape_, {options_.backend(), 0, "", options_.dtype()});
      time(step, "training step", Issue::graph, step.training(), 3);
      if (shape_.batch <= kMostOpByOp) time(step, "training step", Issue::ops, step.training(), 3);
      time(step, "inference", Issue::graph, step.inference(), 1);
    } catch (const std::runtime_error& error) {  // of one shape: the others go on
      const std::string text = error.what();
      print_failure(head("training step", Issue::graph),
                    text.find("memory") == std::string::npos ? "error" : "out-of-memory", text);
    }
  }

 private:
  std::string head(const char* subject, Issue issue) const {
    char text[400];
    std::snprintf(text, sizeof text,
                  "\"subject\": \"%s\", \"variant\": \"precordia%s\", \"precision\": \"%s\", \"shape\": {\"size\": "
                  "\"%s\", \"width\": %lld, \"batch\": %lld, \"length\": %lld}",
                  subject, issue == Issue::ops ? " op by op" : "", options_.text("--precision").c_str(),
                  size_.c_str(), static_cast<long long>(shape_.channels), static_cast<long long>(shape_.batch),
                  static_cast<long long>(shape_.length));
    return text;
  }

  // `passes`: how often a window's forward FLOP are done, a backward pass counting twice.
  void time(const NetworkStep& step, const char* subject, Issue issue, const std::vector<Call>& calls,
            int passes) const {
    const Timing timing =
        measure(step.context(), step.stream(), issue, 1, options_.number("--seconds"), [&](int) {
          int32_t status = PCD_OK;
          for (size_t i = 0; i < calls.size() && status == PCD_OK; ++i) status = calls[i].run();
          return status;
        });
    const double rate = static_cast<double>(shape_.batch) / (timing.median * 1e-3);
    char more[120];
    std::snprintf(more, sizeof more, "\"model_tflops\": %.5g, \"peak_bytes\": %llu",
                  passes * flop_per_window(shape_) * rate * 1e-12,
                  static_cast<unsigned long long>(step.memory()));
    print_measurement(head(subject, issue), timing, rate, "windows/s", more);
  }

  const Options& options_;
  std::string size_;
  NetworkShape shape_;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options("step",
                        {{"--backend", "cuda"}, {"--precision", "bf16"}, {"--sizes", "small,base,large"},
                         {"--batches", "128,512,1024,2048,4096"}, {"--seconds", "0.3"}},
                        argc, argv);
  pcd_device_info info{};
  info.struct_size = sizeof info;
  char message[512] = "";
  if (pcd_device_query(options.backend(), 0, &info, message, sizeof message) != PCD_OK) {
    std::fprintf(stderr, "step: %s\n", message);
    return 1;
  }
  const std::map<std::string, int64_t> widths = {{"quick", 16}, {"small", 64}, {"base", 128}, {"large", 256}};
  std::istringstream sizes(options.text("--sizes"));
  for (std::string size; std::getline(sizes, size, ',');) {
    const auto found = widths.find(size);
    if (found == widths.end()) {
      std::fprintf(stderr, "step: no size %s: choose small, base, large or quick\n", size.c_str());
      return 2;
    }
    for (const int64_t batch : options.list("--batches")) {
      NetworkShape shape;
      shape.batch = batch;
      shape.channels = found->second;
      shape.labels = 44;
      Bench(options, size, shape).run();
    }
  }
  return 0;
}
