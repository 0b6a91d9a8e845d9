// SPDX-License-Identifier: Apache-2.0
//
// What all threads together reach at most.
#ifndef PCD_BENCH_CEILINGS_H
#define PCD_BENCH_CEILINGS_H

#include <cstdint>
#include <string>

namespace pcd::bench {

// fp32 multiply-adds of an instruction set, floating-point operations a second. @throws std::runtime_error when the
// build has no such instruction set
double fma_rate(int32_t threads, const std::string& instruction_set, double seconds);

// The same of pairs of 16-bit integers, in which the CPU backend multiplies activations stored as bf16
// (native/src/cpu/fixed_point.h).
double fixed_rate(int32_t threads, const std::string& instruction_set, double seconds);

// bf16 pairs multiplied and added to fp32 (vdpbf16ps), floating-point operations a second; 0 where the processor has no
// such instruction.
double dot_rate(int32_t threads, double seconds);

// Copy of 256 MiB a thread by memcpy, bytes a second, those read and those written.
double copy_rate(int32_t threads, double seconds);

}  // namespace pcd::bench

#endif
