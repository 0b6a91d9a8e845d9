// SPDX-License-Identifier: Apache-2.0
//
// One bf16 dot product under a handler for illegal instructions.
#include <csetjmp>
#include <csignal>

#include "fma_ceiling.h"

namespace pcd::bench {
namespace {

sigjmp_buf before_probe;

void refused(int) { siglongjmp(before_probe, 1); }

}  // namespace

bool dot_executes() {
  struct sigaction handler {};
  struct sigaction previous {};
  handler.sa_handler = refused;
  sigemptyset(&handler.sa_mask);
  if (sigaction(SIGILL, &handler, &previous) != 0) return false;
  volatile bool executes = false;
  if (sigsetjmp(before_probe, 1) == 0) {
    // vdpbf16ps zmm0, zmm0, zmm0, in bytes: this file is compiled for the smallest instruction set.
    asm volatile(".byte 0x62, 0xf2, 0x7e, 0x48, 0x52, 0xc0" ::: "xmm0");
    executes = true;
  }
  sigaction(SIGILL, &previous, nullptr);
  return executes;
}

}  // namespace pcd::bench
