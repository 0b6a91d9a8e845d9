// SPDX-License-Identifier: Apache-2.0
//
// precordia_ceilings: what the threads of this machine reach at most, in turns with others (turns.h), as operations or
// bytes a second.
//
//   precordia_ceilings fma|fixed|bf16|copy THREADS
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "ceilings.h"
#include "precordia/precordia.h"
#include "turns.h"

int main(int argc, char** argv) {
  using namespace pcd::bench;
  const std::string kind = argc == 3 ? argv[1] : "";
  const int threads = argc == 3 ? std::atoi(argv[2]) : 0;
  if (threads < 1 || (kind != "fma" && kind != "fixed" && kind != "bf16" && kind != "copy")) {
    std::fprintf(stderr, "usage: precordia_ceilings fma|fixed|bf16|copy THREADS\n");
    return 2;
  }
  try {
    pcd_device_info info{};
    info.struct_size = sizeof info;
    char message[512] = "";
    if (pcd_device_query(PCD_BACKEND_CPU, 0, &info, message, sizeof message) != PCD_OK) {
      std::fprintf(stderr, "precordia_ceilings: %s\n", message);
      return 1;
    }
    const std::string instruction_set = info.instruction_set;
    if (kind == "bf16" && dot_rate(1, 0) == 0) {
      std::fprintf(stderr, "precordia_ceilings: the processor has no bf16 dot product (AVX512_BF16)\n");
      return 1;
    }
    serve_rate("\"instruction_set\": \"" + instruction_set + "\"", [&](double seconds) {
      if (kind == "fma") return fma_rate(threads, instruction_set, seconds);
      if (kind == "fixed") return fixed_rate(threads, instruction_set, seconds);
      return kind == "bf16" ? dot_rate(threads, seconds) : copy_rate(threads, seconds);
    });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "precordia_ceilings: %s\n", error.what());
    return 1;
  }
  return 0;
}
