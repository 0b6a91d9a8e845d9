// SPDX-License-Identifier: Apache-2.0
//
// Stacks and the switch between them. A switch keeps what the calling convention keeps; on x86-64 that is six
// registers and the stack pointer, by a dozen instructions; elsewhere the C library's contexts serve.
#ifndef PCD_SIMT_FIBER_H
#define PCD_SIMT_FIBER_H

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace pcd::simt {

// A stack with an inaccessible page below it.
class Stack {
 public:
  explicit Stack(unsigned number);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  char* bottom() const { return bottom_; }
  size_t size() const { return size_; }
  // For a new fiber after an abandoned one: nothing on it is in use.
  void forget();

 private:
  void* mapped_;
  char* bottom_;
  size_t size_;
};

// Where a suspended fiber, or the launcher, goes on.
struct Context {
#if defined(__x86_64__)
  void* stack_pointer = nullptr;
#else
  ucontext_t registers;
#endif
  // For the address sanitizer.
  const void* bottom = nullptr;
  size_t size = 0;
  void* fake_stack = nullptr;
};

// `entry` will be called on the stack at the first switch to the context; it must begin with entered() and
// never return.
void prepare(Context& context, Stack& stack, void (*entry)());
void entered(Context& from);
// `last`: `from` will never be switched to again.
void switch_context(Context& from, Context& to, bool last = false);

}  // namespace pcd::simt

#endif
