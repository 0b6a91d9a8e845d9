// SPDX-License-Identifier: Apache-2.0
//
// A program that measures in turns with others: it prepares, says so, and then measures whenever it is told to, so
// that rivals meet the same machine.
//
// Protocol, one line each: {"ready": true, …} on standard output; then for every line SECONDS on standard input a line
// {"ms": [time of each pass, …], "peak_bytes": …} or, for a rate, {"value": …, "peak_bytes": …}; the end of the input
// ends it.
#ifndef PCD_BENCH_TURNS_H
#define PCD_BENCH_TURNS_H

#include <functional>
#include <string>

namespace pcd::bench {

// Bytes that VmRSS or VmHWM of /proc/self/status tells; 0 where there is no such file.
long long memory_status(const std::string& field);

// Times `pass`. `facts` is the inside of a JSON object and goes out with "ready"; `resident` is what the process held
// before the memory that is under measurement.
void serve_passes(const std::string& facts, long long resident, const std::function<void()>& pass);

// Asks `rate(seconds)`.
void serve_rate(const std::string& facts, const std::function<double(double)>& rate);

}  // namespace pcd::bench

#endif
