// SPDX-License-Identifier: Apache-2.0
//
// Runs the cases of one op on every target and holds them against the reference.
//
// PCD_TEST_BACKEND=cpu|cuda|simt (cpu), PCD_TEST_ISA=avx512vnni|avx512|avx2|baseline (all that the machine has),
// PCD_TEST_REQUIRE_DEVICE=1 makes the absence of the backend a failure instead of "skipped" (exit code 77).
//
// Each case runs with one thread and is compared; then with two and with three threads, and from recorded
// graphs: all bit for bit the same. The SIMT executor replays the graph on its other device, on which threads
// take turns in another order.
#ifndef PCD_TESTS_SUPPORT_SUITE_H
#define PCD_TESTS_SUPPORT_SUITE_H

#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/compare.h"
#include "support/device.h"
#include "support/expect.h"
#include "support/report.h"

namespace pcd::test {

inline std::string environment(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == 0 ? fallback : value;
}

class Suite {
 public:
  static constexpr int kSkipped = 77;

  // Of an op of the model every backend is judged; of the others any but the CPU must refuse, and name the remedy.
  enum class Ops { model, cpu };

  explicit Suite(std::string op, Ops ops = Ops::model) : op_(std::move(op)), ops_(ops) {
    const std::string backend = environment("PCD_TEST_BACKEND", "cpu");
    if (backend == "cpu") {
      const std::string isa = environment("PCD_TEST_ISA", "");
      for (const char* name : {"avx512vnni", "avx512", "avx2", "baseline"}) {
        if (isa.empty() || isa == name) open(PCD_BACKEND_CPU, name, isa == name);
      }
      if (targets_.empty()) fail("no CPU instruction set named " + isa);
    } else if (backend == "cuda" || backend == "simt") {
      open(backend == "cuda" ? PCD_BACKEND_CUDA : PCD_BACKEND_SIMT, "", false);
    } else {
      fail("PCD_TEST_BACKEND=" + backend + ": cpu, cuda or simt");
    }
  }

  bool skipped() const { return targets_.empty() && failures() == 0; }

  // run(Device&) -> Outputs; expected(T()) -> Outputs, the reference in the type T.
  template <typename Run, typename Expected>
  void check(const std::string& where, const Run& run, const Expected& expected,
             Precision precision = kSingle) {
    if (!targets_.empty()) judge(where, "f32", precision, run, expected(0.0), expected(0.0f));
  }

  // Data{..., parameters}: run(Device&, data, dtype) and expected(T(), data) in both types of activations.
  // For BF16 the data's activations are representable, and the naive error is that of parameters rounded to
  // BF16.
  template <typename Data, typename Run, typename Expected>
  void check_types(const std::string& where, Data data, const Run& run, const Expected& expected) {
    check(
        where, [&](Device& device) { return run(device, data, PCD_DTYPE_F32); },
        [&](auto type) { return expected(type, data); });
    if (targets_.empty()) return;
    data.round_activations();
    Data rounded = data;
    round_to_bf16(rounded.parameters);
    judge(
        where, "bf16", kBfloat, [&](Device& device) { return run(device, data, PCD_DTYPE_BF16); },
        expected(0.0, data), expected(0.0, rounded));
  }

  // The same with two references given outright.
  template <typename Run>
  void check_outputs(const std::string& where, const Run& run, const Outputs& expected, const Outputs& naive,
                     Precision precision) {
    judge(where, "f32", precision, run, expected, naive);
  }

  // What has no reference of its own: only bit-identity, over threads and recorded graphs.
  void check_identical(const std::string& where, const std::function<Outputs(Device&)>& run) {
    for (Target& target : targets_) {
      const std::string label = name(target, where);
      guard(target, label, "f32", [&] { repeat(target, label, run, guarded(*target.devices[0], run)); });
    }
  }

  int finish() const {
    if (skipped()) return kSkipped;
    report_.print();
    return verdict();
  }

 private:
  struct Target {
    std::string name;
    std::vector<std::unique_ptr<Device>> devices;  // CPU: with 1, 2, 3 threads; SIMT: its two; else one
  };

  void open(int32_t backend, const std::string& isa, bool required) {
    Target target;
    target.name = backend == PCD_BACKEND_CPU ? "cpu " + isa : backend == PCD_BACKEND_CUDA ? "cuda" : "simt";
    try {
      const bool cpu = backend == PCD_BACKEND_CPU;
      const int32_t devices = cpu ? 3 : backend == PCD_BACKEND_SIMT ? 2 : 1;
      for (int32_t i = 0; i < devices; ++i) {
        const DeviceOptions options{backend, isa, cpu ? i + 1 : 1, cpu ? 0 : i};
        target.devices.push_back(std::make_unique<Device>(options));
      }
      targets_.push_back(std::move(target));
    } catch (const StatusError& error) {
      const bool absent = error.status == PCD_ERROR_UNSUPPORTED || error.status == PCD_ERROR_NO_DEVICE ||
                          error.status == PCD_ERROR_NO_PLUGIN || error.status == PCD_ERROR_DRIVER_TOO_OLD;
      if (!absent || required || environment("PCD_TEST_REQUIRE_DEVICE", "0") == "1") {
        fail(target.name + ": " + error.what());
      } else {
        std::printf("skipped: no %s device (%s)\n",
                    backend == PCD_BACKEND_CUDA ? "CUDA" : target.name.c_str(), error.what());
      }
    }
  }

  std::string name(const Target& target, const std::string& where) const {
    return op_ + ", " + target.name + ", " + where;
  }

  template <typename Run>
  static Outputs guarded(Device& device, const Run& run) {
    try {
      Outputs outputs = run(device);
      device.finish();
      return outputs;
    } catch (...) {
      device.clear();
      throw;
    }
  }

  template <typename Run>
  void judge(const std::string& where, const std::string& dtype, Precision precision, const Run& run,
             const Outputs& expected, const Outputs& naive) {
    for (Target& target : targets_) {
      if (refuses(target)) {
        expect_refused(*target.devices[0], name(target, where), run);
        continue;
      }
      const std::string label = name(target, where + (dtype == "f32" ? "" : ", " + dtype));
      guard(target, label, dtype, [&] {
        const Outputs first = guarded(*target.devices[0], run);
        compare(target, label, where, dtype, precision, first, expected, naive);
        repeat(target, label, run, first);
      });
    }
  }

  bool refuses(const Target& target) const {
    return ops_ == Ops::cpu && target.devices[0]->options().backend != PCD_BACKEND_CPU;
  }

  template <typename Run>
  static void expect_refused(Device& device, const std::string& label, const Run& run) {
    try {
      run(device);
      fail(label + ": not refused");
    } catch (const StatusError& error) {
      const bool named = std::string(error.what()).find("--backend cpu") != std::string::npos;
      expect(error.status == PCD_ERROR_UNSUPPORTED && named, label + ": " + error.what());
    }
    device.clear();
  }

  // With more threads and from recorded graphs; SIMT: both in another order at once.
  template <typename Run>
  static void repeat(Target& target, const std::string& label, const Run& run, const Outputs& first) {
    const bool cpu = target.devices[0]->options().backend == PCD_BACKEND_CPU;
    for (size_t i = 1; cpu && i < target.devices.size(); ++i) {
      expect_identical(label + ", " + std::to_string(i + 1) + " threads", guarded(*target.devices[i], run),
                       first);
    }
    Device& device = *target.devices.back();
    device.recorded = true;
    const char* way = cpu ? ", recorded graph" : ", recorded graph or another order of threads";
    expect_identical(label + way, guarded(device, run), first);
    device.recorded = false;
  }

  // Turns what a case throws into a failure, or into a note that the type is not supported.
  template <typename Body>
  void guard(Target& target, const std::string& label, const std::string& dtype, const Body& body) {
    try {
      body();
    } catch (const StatusError& error) {
      if (error.status != PCD_ERROR_UNSUPPORTED || dtype == "f32") {
        fail(label + ": " + error.what());
      } else if (unsupported_.insert(target.name + dtype).second) {
        std::printf("unsupported: %s, %s, %s (%s)\n", op_.c_str(), target.name.c_str(), dtype.c_str(),
                    error.what());
      }
    } catch (const std::exception& error) {
      fail(label + ": " + error.what());
    }
    target.devices.back()->recorded = false;
  }

  void compare(const Target& target, const std::string& label, const std::string& where,
               const std::string& dtype, Precision precision, const Outputs& actual, const Outputs& expected,
               const Outputs& naive) {
    expect(actual.size() == expected.size(), label + ": the test compares another number of tensors");
    for (size_t i = 0; i < actual.size() && i < expected.size(); ++i) {
      const Output& output = actual[i];
      expect(output.name == expected[i].name,
             label + ": " + output.name + " compared with " + expected[i].name);
      const double error = relative_error(output.values, expected[i]);
      const double naive_error = relative_error(naive[i].values, expected[i]);
      const double bound =
          output.kind == Kind::exact ? 0 : precision.bound(naive_error, expected[i].values.size());
      expect(bound <= precision.widest, label + ": " + output.name + ": a bound of " + std::to_string(bound));
      report_.add(target.name, dtype, op_, output, error, bound, where);
      if (error <= bound) continue;
      char text[200];
      const size_t at = worst(output.values, expected[i].values);
      std::snprintf(text, sizeof text, "error %.3e, bound %.3e, worst at element %zu: %.9g instead of %.9g",
                    error, bound, at, at < output.values.size() ? output.values[at] : NAN,
                    at < expected[i].values.size() ? expected[i].values[at] : NAN);
      fail(label + ": " + output.name + ": " + text);
    }
  }

  static size_t worst(const std::vector<double>& actual, const std::vector<double>& expected) {
    size_t at = 0;
    double largest = -1;
    for (size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
      if (same(actual[i], expected[i])) continue;
      const double difference = std::fabs(actual[i] - expected[i]);
      if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference, at = i;
    }
    return at;
  }

  static void expect_identical(const std::string& label, const Outputs& actual, const Outputs& first) {
    for (size_t i = 0; i < first.size(); ++i) {
      if (actual[i].values.size() != first[i].values.size() ||
          std::memcmp(actual[i].values.data(), first[i].values.data(), 8 * first[i].values.size()) != 0) {
        const size_t at = worst(actual[i].values, first[i].values);
        char text[120];
        std::snprintf(text, sizeof text, " is not bit-identical: element %zu is %.9g instead of %.9g", at,
                      actual[i].values[at], first[i].values[at]);
        fail(label + ": " + first[i].name + text);
      }
    }
  }

  std::string op_;
  Ops ops_;
  std::vector<Target> targets_;
  std::set<std::string> unsupported_;
  Report report_;
};

}  // namespace pcd::test

#endif
