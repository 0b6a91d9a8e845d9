// SPDX-License-Identifier: Apache-2.0
//
// precordia_roofline: where the time of a training step and of a reconstruction goes on this machine's cores.
//
//   cmake -S native -B build -DPCD_BENCH=ON && cmake --build build --target precordia_roofline
//   build/bench/precordia_roofline [--threads N] [--channels C] [--batch B] [--length L]
//                                  [--instruction-set avx512|avx2|baseline] [--seconds S] [--json yes]
//                                  [--turns training|inference]
//
// --json prints a line of bench/results/schema.json for every op instead of the table; --turns measures whole passes in
// turns with others (turns.h).
//
// The ceiling is the rate of multiply-adds of all threads together, measured before and after in the same run
// (the larger counts). Operations are those of the convolutions (two a multiply-add; forward once, backward
// twice, nothing for what is computed again). Times are medians; "best" is the fastest run, which on a busy
// machine says more.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "ceilings.h"
#include "network_step.h"
#include "turns.h"

namespace {

using namespace pcd::bench;
using Clock = std::chrono::steady_clock;

struct Options {
  NetworkShape shape;
  int32_t threads = 0;
  std::string instruction_set;
  double seconds = 5;
  bool json = false;
  std::string turns;
};

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

// Runs the calls over and over for `seconds`. Ops of one name in a pass count together.
Timing measure(const NetworkStep& step, const std::vector<Call>& calls, double seconds) {
  Timing timing;
  for (const Call& call : calls) {
    const auto known = std::find_if(timing.ops.begin(), timing.ops.end(),
                                    [&](const auto& op) { return op.first == call.name; });
    if (known == timing.ops.end()) {
      timing.ops.emplace_back(call.name, call.operations);
    } else {
      known->second += call.operations;
    }
  }
  const auto begin = Clock::now();
  for (int pass = 0; pass < 5 || seconds_since(begin) < seconds; ++pass) {
    std::map<std::string, double> spent;
    const auto pass_begin = Clock::now();
    for (const Call& call : calls) {
      const auto call_begin = Clock::now();
      step.run(call);
      spent[call.name] += seconds_since(call_begin);
    }
    if (pass < 2) continue;  // caches and pages
    timing.all.push_back(seconds_since(pass_begin));
    for (const auto& [name, time] : spent) timing.times[name].push_back(time);
  }
  return timing;
}

std::string shape_json(const NetworkShape& shape, int32_t threads) {
  char text[200];
  std::snprintf(text, sizeof text,
                "{\"width\": %lld, \"batch\": %lld, \"length\": %lld, \"threads\": %d}",
                static_cast<long long>(shape.channels), static_cast<long long>(shape.batch),
                static_cast<long long>(shape.length), threads);
  return text;
}

void report_json(const char* subject, const Timing& timing, double peak, const std::string& shape) {
  const double total = median(timing.all);
  for (const auto& [name, work] : timing.ops) {
    std::vector<double> times = timing.times.at(name);
    std::sort(times.begin(), times.end());
    const double time = times[times.size() / 2];
    std::printf("{\"record\": \"measurement\", \"stage\": \"bench\", \"subject\": \"ops of %s\", \"variant\": \"%s\", "
                "\"precision\": \"fp32\", \"shape\": %s, \"median_ms\": %.4f, \"p10_ms\": %.4f, \"p90_ms\": %.4f, "
                "\"repeats\": %zu, \"value\": %.4f, \"unit\": \"%% of the step\"",
                subject, name.c_str(), shape.c_str(), time * 1e3, times[times.size() / 10] * 1e3,
                times[times.size() * 9 / 10] * 1e3, times.size(), 100 * time / total);
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
    const NetworkStep step(options.shape, options.threads, options.instruction_set);
    if (!options.turns.empty()) {
      serve(options, step);
      return 0;
    }
    double peak = fma_rate(options.threads, options.instruction_set, 0.2);
    const Timing training = measure(step, step.training(), options.seconds);
    const Timing inference = measure(step, step.inference(), options.seconds / 2);
    peak = std::max(peak, fma_rate(options.threads, options.instruction_set, 0.2));
    if (options.json) {
      const std::string shape = shape_json(options.shape, options.threads);
      report_json("a training step", training, peak, shape);
      report_json("inference", inference, peak, shape);
      return 0;
    }
    std::printf("%s, %s, %d threads; C %lld, batch %lld x %lld; fp32; %.0f MB; FMA ceiling %.1f GFLOP/s\n",
                info.name, options.instruction_set.c_str(), options.threads,
                static_cast<long long>(options.shape.channels), static_cast<long long>(options.shape.batch),
                static_cast<long long>(options.shape.length), static_cast<double>(step.memory()) * 1e-6,
                peak * 1e-9);
    report("training step", training, peak, options.shape.batch);
    report("inference", inference, peak, options.shape.batch);
    std::vector<double> sorted = inference.all;
    std::sort(sorted.begin(), sorted.end());
    std::printf("latency of %lld windows: p50 %.3f ms, p99 %.3f ms (%zu passes)\n",
                static_cast<long long>(options.shape.batch), sorted[sorted.size() / 2] * 1e3,
                sorted[sorted.size() * 99 / 100] * 1e3, sorted.size());
  } catch (const std::runtime_error& error) {
    usage(error.what());
  }
  return 0;
}
