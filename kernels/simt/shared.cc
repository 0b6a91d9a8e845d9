// SPDX-License-Identifier: Apache-2.0
//
// Dynamic shared memory is one arena with guard zones around what the launch asked for, exact to the byte; static shared
// memory is the linker's section of all `__shared__` variables. Both hold NaNs when a block begins.
#include "simt/shared.h"

#include <cstring>

#include "simt/launch.h"
#include "simt/warp.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define PCD_POISON(pointer, bytes) ASAN_POISON_MEMORY_REGION(pointer, bytes)
#define PCD_UNPOISON(pointer, bytes) ASAN_UNPOISON_MEMORY_REGION(pointer, bytes)
#else
#define PCD_POISON(pointer, bytes) ((void)(pointer), (void)(bytes))
#define PCD_UNPOISON(pointer, bytes) ((void)(pointer), (void)(bytes))
#endif

// Made by the linker for the section, if any unit has put something there.
extern "C" {
extern char __start_pcd_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_pcd_shared[] __attribute__((weak, visibility("hidden")));
}

namespace pcd::simt {
namespace {

constexpr uint32_t kLargest = 227 * 1024, kGuard = 1024;
constexpr uint32_t kStaticBase = 1u << 18;  // beyond the reach of a matrix descriptor, as nobody points one there
constexpr unsigned char kUnwritten = 0xFF, kGuardByte = 0xA5;

// Dynamic memory's addresses are offsets here: at least kGuard before and after it.
alignas(4096) unsigned char arena[4 * kGuard + kLargest];
uint32_t dynamic_bytes = 0;
uint32_t dynamic_base = 0;  // 0: no thread of the block has asked yet

size_t static_bytes() { return static_cast<size_t>(__stop_pcd_shared - __start_pcd_shared); }

// The lowest place that has this alignment and no higher.
uint32_t base_of(size_t alignment) {
  const uint32_t a = static_cast<uint32_t>(alignment);
  const uint32_t up = (kGuard + 2 * a - 1) / (2 * a) * (2 * a);
  return up + a;
}

void guard(uint32_t base) {
  std::memset(arena, kGuardByte, base);
  std::memset(arena + base, kUnwritten, dynamic_bytes);
  std::memset(arena + base + dynamic_bytes, kGuardByte, kGuard);
  PCD_POISON(arena, base);
  PCD_POISON(arena + base + dynamic_bytes, kGuard);
}

void check_guard(uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end; ++i) {
    if (arena[i] != kGuardByte) {
      fault("dynamic shared memory of %u bytes was overrun: written at byte %d", dynamic_bytes,
            static_cast<int>(i) - static_cast<int>(dynamic_base));
    }
  }
}

struct Registered {
  Registered() {
    at_block([] {
               if (static_bytes() > 0) std::memset(__start_pcd_shared, kUnwritten, static_bytes());
             },
             [] {
               if (dynamic_base == 0) return;
               PCD_UNPOISON(arena, sizeof arena);
               check_guard(0, dynamic_base);
               check_guard(dynamic_base + dynamic_bytes, dynamic_base + dynamic_bytes + kGuard);
             });
  }
} registered;

}  // namespace

void set_dynamic_shared(size_t bytes) {
  PCD_UNPOISON(arena, sizeof arena);
  dynamic_bytes = static_cast<uint32_t>(bytes);
  dynamic_base = 0;
}

void* dynamic_shared(size_t alignment) {
  if (dynamic_base == 0) {
    dynamic_base = base_of(alignment);
    guard(dynamic_base);
  }
  return arena + dynamic_base;
}

uint32_t shared_address(const void* pointer) {
  const unsigned char* p = static_cast<const unsigned char*>(pointer);
  if (p >= arena && p < arena + sizeof arena) return static_cast<uint32_t>(p - arena);
  const char* s = static_cast<const char*>(pointer);
  if (s >= __start_pcd_shared && s < __stop_pcd_shared) {
    return kStaticBase + static_cast<uint32_t>(s - __start_pcd_shared);
  }
  fault("the shared address of a pointer that is not into shared memory");
}

void* shared_pointer(uint32_t address, uint32_t bytes, uint32_t alignment, const char* instruction) {
  if (address % alignment != 0) fault("%s at shared address %#x, not a multiple of %u", instruction, address, alignment);
  if (dynamic_base != 0 && address >= dynamic_base && uint64_t{address} + bytes <= dynamic_base + dynamic_bytes) {
    return arena + address;
  }
  if (address >= kStaticBase && uint64_t{address} + bytes <= kStaticBase + static_bytes()) {
    return __start_pcd_shared + (address - kStaticBase);
  }
  fault("%s of %u bytes at byte %d of dynamic shared memory, which has %u", instruction, bytes,
        static_cast<int>(address) - static_cast<int>(dynamic_base), dynamic_bytes);
}

}  // namespace pcd::simt
