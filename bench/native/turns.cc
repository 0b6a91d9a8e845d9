// SPDX-License-Identifier: Apache-2.0
#include "turns.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

namespace pcd::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void ready(const std::string& facts, long long resident) {
  std::printf("{\"ready\": true, \"resident_bytes\": %lld%s%s}\n", resident, facts.empty() ? "" : ", ", facts.c_str());
  std::fflush(stdout);
}

void answer(const std::string& figure) {
  std::printf("{%s, \"peak_bytes\": %lld}\n", figure.c_str(), memory_status("VmHWM"));
  std::fflush(stdout);
}

}  // namespace

long long memory_status(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field + ":", 0) == 0) return 1024 * std::atoll(line.c_str() + field.size() + 1);
  }
  return 0;
}

void serve_passes(const std::string& facts, long long resident, const std::function<void()>& pass) {
  ready(facts, resident);
  for (std::string line; std::getline(std::cin, line);) {
    const double seconds = std::atof(line.c_str());
    pass();  // a rival has had the caches meanwhile
    std::ostringstream times;
    times.precision(6);
    const auto begin = Clock::now();
    do {
      const auto pass_begin = Clock::now();
      pass();
      times << (times.tellp() > 0 ? ", " : "") << 1e3 * seconds_since(pass_begin);
    } while (seconds_since(begin) < seconds);
    answer("\"ms\": [" + times.str() + "]");
  }
}

void serve_rate(const std::string& facts, const std::function<double(double)>& rate) {
  ready(facts, memory_status("VmRSS"));
  for (std::string line; std::getline(std::cin, line);) {
    std::ostringstream value;
    value.precision(8);
    value << rate(std::atof(line.c_str()));
    answer("\"value\": " + value.str());
  }
}

}  // namespace pcd::bench
