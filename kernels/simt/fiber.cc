// SPDX-License-Identifier: Apache-2.0
#include "simt/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace pcd::simt {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStackBytes = size_t{1} << 20;  // room for red zones
#else
constexpr size_t kStackBytes = size_t{1} << 18;
#endif

}  // namespace

Stack::Stack(unsigned number) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  mapped_ = mmap(nullptr, page + kStackBytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped_ == MAP_FAILED || mprotect(mapped_, page, PROT_NONE) != 0) throw std::bad_alloc();
  bottom_ = static_cast<char*>(mapped_) + page;
  // Tops at different places in a page, so that stacks do not all lie in the same sets of the caches.
  size_ = kStackBytes - number % 61 * 448 / 64 * 64;
}

Stack::~Stack() {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  munmap(mapped_, page + kStackBytes);
}

void Stack::forget() {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(bottom_, size_);
#endif
}

#if defined(__x86_64__)

// pcd_simt_switch(void** from, void* to): leaves its own stack pointer at *from and goes on with `to`.
asm(R"(
.text
.p2align 4
.globl pcd_simt_switch
.hidden pcd_simt_switch
.type pcd_simt_switch, @function
pcd_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
.size pcd_simt_switch, . - pcd_simt_switch
)");
extern "C" void pcd_simt_switch(void** from, void* to);

void prepare(Context& context, Stack& stack, void (*entry)()) {
  void** top = reinterpret_cast<void**>(stack.bottom() + stack.size());
  *--top = nullptr;  // where a return address would lie: `entry` finds the stack as after a call
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  context.stack_pointer = top;
  context.bottom = stack.bottom();
  context.size = stack.size();
}

#else

void prepare(Context& context, Stack& stack, void (*entry)()) {
  getcontext(&context.registers);
  context.registers.uc_stack.ss_sp = stack.bottom();
  context.registers.uc_stack.ss_size = stack.size();
  context.registers.uc_link = nullptr;
  makecontext(&context.registers, entry, 0);
  context.bottom = stack.bottom();
  context.size = stack.size();
}

#endif

void entered([[maybe_unused]] Context& from) {
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  if (from.bottom == nullptr) {  // the launcher's own stack
    from.bottom = bottom;
    from.size = size;
  }
#endif
}

void switch_context(Context& from, Context& to, [[maybe_unused]] bool last) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(last ? nullptr : &from.fake_stack, to.bottom, to.size);
#endif
#if defined(__x86_64__)
  pcd_simt_switch(&from.stack_pointer, to.stack_pointer);
#else
  swapcontext(&from.registers, &to.registers);
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

}  // namespace pcd::simt
