// SPDX-License-Identifier: Apache-2.0
//
// Dynamic shared memory is one arena with guard zones around what the launch asked for, exact to the byte;
// static shared memory is all `__shared__` variables, found by their symbols (compilers ignore the attribute
// that would gather those of templates in a section). Both hold NaNs when a block begins.
#include "simt/shared.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "simt/launch.h"
#include "simt/symbols.h"
#include "simt/warp.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define PCD_POISON(pointer, bytes) ASAN_POISON_MEMORY_REGION(pointer, bytes)
#define PCD_UNPOISON(pointer, bytes) ASAN_UNPOISON_MEMORY_REGION(pointer, bytes)
#else
#define PCD_POISON(pointer, bytes) ((void)(pointer), (void)(bytes))
#define PCD_UNPOISON(pointer, bytes) ((void)(pointer), (void)(bytes))
#endif

namespace pcd::simt {
namespace {

constexpr uint32_t kLargest = 227 * 1024, kGuard = 1024;
constexpr uint32_t kStaticBase = 1u << 18;  // beyond the reach of a matrix descriptor; nobody points one there
constexpr unsigned char kUnwritten = 0xFF, kGuardByte = 0xA5;

// Dynamic memory's addresses are offsets here: at least kGuard before and after it.
alignas(4096) unsigned char arena[4 * kGuard + kLargest];
uint32_t dynamic_bytes = 0;
uint32_t dynamic_base = 0;  // 0: no thread of the block has asked yet

struct Variable {
  char* place;
  size_t bytes;
};

// The variables of functions of pcd::kernels, or of a test's unnamed namespace, in the order of their
// addresses.
const std::vector<Variable>& static_variables() {
  static const std::vector<Variable> all = [] {
    std::vector<Variable> found;
    visit_symbols(arena, [&](const Symbol& symbol) {
      const auto begins = [&](const char* with) {
        return std::strncmp(symbol.name, with, std::strlen(with)) == 0;
      };
      if (symbol.function || !(begins("_ZZN3pcd7kernels") || begins("_ZZN12_GLOBAL__N_1"))) return;
      found.push_back({symbol.place, symbol.bytes});
    });
    std::sort(found.begin(), found.end(),
              [](const Variable& a, const Variable& b) { return a.place < b.place; });
    return found;
  }();
  return all;
}

// The variable in which a place lies; null if none.
const Variable* variable_at(const char* place) {
  for (const Variable& variable : static_variables()) {
    if (place >= variable.place && place < variable.place + variable.bytes) return &variable;
  }
  return nullptr;
}

// What has the address kStaticBase: a multiple of any alignment.
char* static_base() {
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(static_variables().front().place) &
                                 ~uintptr_t{4095});
}

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
    at_block(
        [] {
          for (const Variable& v : static_variables()) std::memset(v.place, kUnwritten, v.bytes);
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
  if (variable_at(s) != nullptr) return kStaticBase + static_cast<uint32_t>(s - static_base());
  fault("the shared address of a pointer that is not into shared memory");
}

void* shared_pointer(uint32_t address, uint32_t bytes, uint32_t alignment, const char* instruction) {
  if (address % alignment != 0) {
    fault("%s at shared address %#x, not a multiple of %u", instruction, address, alignment);
  }
  if (dynamic_base != 0 && address >= dynamic_base &&
      uint64_t{address} + bytes <= dynamic_base + dynamic_bytes) {
    return arena + address;
  }
  if (address >= kStaticBase && !static_variables().empty()) {
    char* const place = static_base() + (address - kStaticBase);
    const Variable* const variable = variable_at(place);
    if (variable != nullptr && place + bytes <= variable->place + variable->bytes) return place;
  }
  fault("%s of %u bytes at byte %d of dynamic shared memory, which has %u", instruction, bytes,
        static_cast<int>(address) - static_cast<int>(dynamic_base), dynamic_bytes);
}

}  // namespace pcd::simt
