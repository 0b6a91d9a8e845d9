// SPDX-License-Identifier: Apache-2.0
//
// precordia_roofline: where the time of a training step and of a reconstruction goes on this machine's cores.
//
//   cmake -S native -B build -DPCD_BENCH=ON && cmake --build build --target precordia_roofline
//   build/bench/precordia_roofline [--threads N] [--channels C] [--batch B] [--length L]
//                                  [--instruction-set avx512vnni|avx512|avx2|baseline] [--seconds S]
//                                  [--precision fp32|bf16|both] [--json yes] [--turns training|inference]
//
// --json prints a line of bench/results/schema.json for every op instead of the table; --turns measures whole passes in
// turns with others (turns.h).
//
// The ceiling is the rate of multiply-adds of all threads together, measured before and after in the same run
// (the larger counts). Operations are those of the convolutions (two a multiply-add; forward once, backward
// twice, nothing for what is computed again). Times are medians; "best" is the fastest run, which on a busy
// machine says more. With `both` passes in fp32 and in bf16 take turns, so that they meet the same disturbances.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ceilings.h"
#include "network_step.h"
#include "turns.h"

namespace {

using namespace pcd::bench;
using Clock = std::chrono::steady_clock;

constexpr double kCeilingSeconds = 0.2;

struct Options {
  NetworkShape shape;
  int32_t threads = 0;
  std::string instruction_set;
  std::vector<int32_t> precisions = {PCD_DTYPE_F32};
  double seconds = 5;
  bool json = false;
  std::string turns;
};

const char* name_of(int32_t precision) { return precision == PCD_DTYPE_BF16 ? "bf16" : "fp32"; }

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void usage(const std::string& sentence) {
  std::fprintf(stderr, "precordia_roofline: %s\n", sentence.c_str());
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) usage("option " + name + " needs a value");
    const char* value = argv[i + 1];
    char* end = nullptr;
    const double number = std::strtod(value, &end);
    if (name == "--instruction-set") {
      options.instruction_set = value;
      continue;
    }
    if (name == "--precision") {
      const std::string precision = value;
      if (precision != "fp32" && precision != "bf16" && precision != "both")
        usage("--precision " + precision + ": fp32, bf16 or both");
      if (precision == "bf16") options.precisions = {PCD_DTYPE_BF16};
      if (precision == "both") options.precisions = {PCD_DTYPE_F32, PCD_DTYPE_BF16};
      continue;
    }
    if (name == "--turns") {
      options.turns = value;
      if (options.turns != "training" && options.turns != "inference") usage("--turns is training or inference");
      continue;
    }
    if (name == "--json") {
      options.json = std::string(value) == "yes";
      continue;
    }
    if (*value == '\0' || *end != '\0' || !(number > 0))
      usage(name + " " + value + ": a positive number is needed");
    if (name == "--threads") {
      options.threads = static_cast<int32_t>(number);
    } else if (name == "--channels") {
      options.shape.channels = static_cast<int64_t>(number);
    } else if (name == "--batch") {
      options.shape.batch = static_cast<int64_t>(number);
    } else if (name == "--length") {
      options.shape.length = static_cast<int64_t>(number);
    } else if (name == "--seconds") {
      options.seconds = number;
    } else {
      usage("unknown option " + name);
    }
  }
  return options;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

struct Timing {
  std::vector<double> all;                          // of whole passes
  std::vector<std::pair<std::string, double>> ops;  // names in order of the pass, operations
  std::map<std::string, std::vector<double>> times;
};

// Runs the calls once and adds what they took. Ops of one name in a pass count together.
void run_pass(const NetworkStep& step, const std::vector<Call>& calls, Timing* timing) {
  std::map<std::string, double> spent;
  const auto pass_begin = Clock::now();
  for (const Call& call : calls) {
    const auto call_begin = Clock::now();
    step.run(call);
    spent[call.name] += seconds_since(call_begin);
  }
  if (timing == nullptr) return;
  timing->all.push_back(seconds_since(pass_begin));
  for (const auto& [name, time] : spent) timing->times[name].push_back(time);
}

using Steps = std::vector<std::unique_ptr<NetworkStep>>;
using Calls = const std::vector<Call>& (NetworkStep::*)() const;

// Passes of the steps in turn, for `seconds` each.
std::vector<Timing> measure(const Steps& steps, Calls calls, double seconds) {
  std::vector<Timing> timings(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    auto& ops = timings[i].ops;
    for (const Call& call : (steps[i].get()->*calls)()) {
      const auto known =
          std::find_if(ops.begin(), ops.end(), [&](const auto& op) { return op.first == call.name; });
      if (known == ops.end()) {
        ops.emplace_back(call.name, call.operations);
      } else {
        known->second += call.operations;
      }
    }
  }
  const auto begin = Clock::now();
  for (int pass = 0; pass < 5 || seconds_since(begin) < seconds * static_cast<double>(steps.size()); ++pass) {
    for (size_t i = 0; i < steps.size(); ++i) {
      // The first two fill caches and touch pages.
      run_pass(*steps[i], (steps[i].get()->*calls)(), pass < 2 ? nullptr : &timings[i]);
    }
  }
  return timings;
}

void report_json(const char* subject, const Timing& timing, double peak, const NetworkStep& step,
                 const NetworkShape& shape) {
  const double total = median(timing.all);
  for (const auto& [name, work] : timing.ops) {
    std::vector<double> times = timing.times.at(name);
    std::sort(times.begin(), times.end());
    const double time = times[times.size() / 2];
    std::printf("{\"record\": \"measurement\", \"stage\": \"cpu\", \"subject\": \"ops of %s\", \"variant\": \"%s\", "
                "\"precision\": \"%s\", \"shape\": {\"width\": %lld, \"batch\": %lld, \"length\": %lld, "
                "\"threads\": %d}, \"median_ms\": %.4f, \"p10_ms\": %.4f, \"p90_ms\": %.4f, \"repeats\": %zu, "
                "\"value\": %.4f, \"unit\": \"%% of the pass\"",
                subject, name.c_str(), name_of(step.placement().dtype), static_cast<long long>(shape.channels),
                static_cast<long long>(shape.batch), static_cast<long long>(shape.length), step.placement().threads, time * 1e3,
                times[times.size() / 10] * 1e3, times[times.size() * 9 / 10] * 1e3, times.size(), 100 * time / total);
    if (work > 0) {
      std::printf(", \"gflops\": %.2f, \"percent_of_ceiling\": %.2f", work / time * 1e-9, 100 * work / time / peak);
    }
    std::printf("}\n");
  }
}

void report(const char* title, const Timing& timing, double peak, int64_t windows) {
  const double total = median(timing.all);
  double operations = 0;
  std::printf("\n%-26s %9s %9s %7s %9s %9s\n", title, "median ms", "best ms", "share", "GFLOP/s", "ceiling");
  const auto line = [&](const std::string& name, const std::vector<double>& times, double work) {
    const double time = median(times);
    std::printf("%-26s %9.3f %9.3f %6.1f%%", name.c_str(), time * 1e3,
                *std::min_element(times.begin(), times.end()) * 1e3, 100 * time / total);
    if (work > 0) std::printf(" %9.1f %8.1f%%", work / time * 1e-9, 100 * work / time / peak);
    std::printf("\n");
  };
  for (const auto& [name, work] : timing.ops) {
    line(name, timing.times.at(name), work);
    operations += work;
  }
  line("all", timing.all, operations);
  const double best = *std::min_element(timing.all.begin(), timing.all.end());
  std::printf("windows/s: median %.0f, best %.0f (%.1f%% of the ceiling)\n",
              static_cast<double>(windows) / total, static_cast<double>(windows) / best,
              100 * operations / best / peak);
}

// Whole passes in turns with others.
void serve(const Options& options, const NetworkStep& step) {
  const std::vector<Call>& calls = options.turns == "training" ? step.training() : step.inference();
  double operations = 0;
  for (const Call& call : calls) operations += call.operations;
  char facts[200];
  std::snprintf(facts, sizeof facts, "\"operations\": %.0f, \"instruction_set\": \"%s\", \"threads\": %d",
                operations, options.instruction_set.c_str(), options.threads);
  serve_passes(facts, memory_status("VmRSS"), [&] {
    for (const Call& call : calls) step.run(call);
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  try {
    pcd_device_info info{};
    info.struct_size = sizeof info;
    char message[512] = "";
    if (pcd_device_query(PCD_BACKEND_CPU, 0, &info, message, sizeof message) != PCD_OK) usage(message);
    if (options.threads == 0) options.threads = info.compute_units;
    if (options.instruction_set.empty()) options.instruction_set = info.instruction_set;
    Steps steps;
    for (const int32_t precision : options.precisions) {
      steps.push_back(std::make_unique<NetworkStep>(
          options.shape, Placement{PCD_BACKEND_CPU, options.threads, options.instruction_set, precision}));
    }
    if (!options.turns.empty()) {
      serve(options, *steps.front());
      return 0;
    }
    double peak = fma_rate(options.threads, options.instruction_set, kCeilingSeconds);
    const std::vector<Timing> training = measure(steps, &NetworkStep::training, options.seconds);
    const std::vector<Timing> inference = measure(steps, &NetworkStep::inference, options.seconds / 2);
    peak = std::max(peak, fma_rate(options.threads, options.instruction_set, kCeilingSeconds));
    if (options.json) {
      for (size_t i = 0; i < steps.size(); ++i) {
        report_json("a training step", training[i], peak, *steps[i], options.shape);
        report_json("inference", inference[i], peak, *steps[i], options.shape);
      }
      return 0;
    }
    std::printf("products in fixed point, as bf16 takes them: %.2f of the FMA ceiling\n",
                fixed_rate(options.threads, options.instruction_set, kCeilingSeconds) / peak);
    if (const double dot = dot_rate(options.threads, kCeilingSeconds); dot > 0) {
      std::printf("bf16 dot product (vdpbf16ps, not used): %.1f GFLOP/s, %.2f of the FMA ceiling\n", dot * 1e-9,
                  dot / peak);
    }
    for (size_t i = 0; i < steps.size(); ++i) {
      std::printf("%s, %s, %d threads; C %lld, batch %lld x %lld; %s; %.0f MB; FMA ceiling %.1f GFLOP/s\n",
                  info.name, options.instruction_set.c_str(), options.threads,
                  static_cast<long long>(options.shape.channels), static_cast<long long>(options.shape.batch),
                  static_cast<long long>(options.shape.length), name_of(options.precisions[i]),
                  static_cast<double>(steps[i]->memory()) * 1e-6, peak * 1e-9);
      report("training step", training[i], peak, options.shape.batch);
      report("inference", inference[i], peak, options.shape.batch);
      std::vector<double> sorted = inference[i].all;
      std::sort(sorted.begin(), sorted.end());
      std::printf("latency of %lld windows: p50 %.3f ms, p99 %.3f ms (%zu passes)\n\n",
                  static_cast<long long>(options.shape.batch), sorted[sorted.size() / 2] * 1e3,
                  sorted[sorted.size() * 99 / 100] * 1e3, sorted.size());
    }
  } catch (const std::runtime_error& error) {
    usage(error.what());
  }
  return 0;
}
