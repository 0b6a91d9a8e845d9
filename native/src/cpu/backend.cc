// SPDX-License-Identifier: Apache-2.0
//
// The CPU as a backend: memory, events on the steady clock, a choice of instruction set at run time, and
// dispatch of ops to the table of that instruction set. Everything executes at the call; the core keeps
// graphs.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "core/backend.h"
#include "core/buffer.h"
#include "cpu/op.h"
#include "cpu/pool.h"
#include "precordia/build_id.h"

namespace pcd {
namespace {

using cpu::OpTable;
using cpu::Pool;

// --------------------------------------------------------------------------- instruction sets --

struct InstructionSet {
  const char* name;
  bool machine_has;           // the processor, and the operating system keeps its registers
  const OpTable& (*table)();  // called only where machine_has: it is code of that instruction set
};

// Compiled-in instruction sets, best first.
const InstructionSet* instruction_sets(int* count) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
#if defined(PCD_HAVE_AVX512) || defined(PCD_HAVE_AVX512VNNI)
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx2") &&
                      __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#endif
  static const InstructionSet sets[] = {
#if defined(PCD_HAVE_AVX512VNNI)
      {"avx512vnni", avx512 && __builtin_cpu_supports("avx512vnni"), cpu::avx512vnni::op_table},
#endif
#if defined(PCD_HAVE_AVX512)
      {"avx512", avx512, cpu::avx512::op_table},
#endif
#if defined(PCD_HAVE_AVX2)
      {"avx2",
       __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2"),
       cpu::avx2::op_table},
#endif
#if defined(PCD_HAVE_BASELINE)
      {"baseline", true, cpu::baseline::op_table},
#endif
  };
  *count = static_cast<int>(sizeof sets / sizeof sets[0]);
  return sets;
}

// Null, with a sentence in `message` and a status, when there is no such instruction set here.
const InstructionSet* choose(const std::string& name, int32_t* status, std::string& message) {
  int count = 0;
  const InstructionSet* sets = instruction_sets(&count);
  std::string compiled;
  for (int i = 0; i < count; ++i) {
    compiled += std::string(i == 0 ? "" : ", ") + sets[i].name;
    if (name.empty() ? sets[i].machine_has : name == sets[i].name) {
      if (sets[i].machine_has) return &sets[i];
      *status = PCD_ERROR_UNSUPPORTED;
      message = "this processor (or its operating system) does not support the instruction set '" + name +
                "'; leave the choice open or take 'baseline'";
      return nullptr;
    }
  }
  const bool known = name == "avx512vnni" || name == "avx512" || name == "avx2" || name == "baseline";
  *status = known ? PCD_ERROR_UNSUPPORTED : PCD_ERROR_ARGUMENT;
  message = (known ? "this build has no code for the instruction set '" : "there is no instruction set '") +
            name + "'; this build has: " + compiled;
  return nullptr;
}

// --------------------------------------------------------------------------- the processor --

// Processors this process may run on, not more than its control group's quota grants (rounded up).
int usable_processors() {
  int usable = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) usable = CPU_COUNT(&set);
  if (FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    long long quota = 0;
    long long period = 0;
    if (std::fscanf(file, "%lld %lld", &quota, &period) == 2 && quota > 0 &&
        period > 0) {  // "max" does not match
      const long long granted = (quota + period - 1) / period;
      if (granted < usable) usable = static_cast<int>(granted);
    }
    std::fclose(file);
  }
#endif
  return usable < 1 ? 1 : usable;
}

uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size) : 0;
}

std::string processor_name() {
#if defined(__x86_64__)
  unsigned int text[12];
  unsigned int largest = 0;
  unsigned int unused[3];
  if (__get_cpuid(0x80000000u, &largest, &unused[0], &unused[1], &unused[2]) && largest >= 0x80000004u) {
    for (unsigned int i = 0; i < 3; ++i) {
      __get_cpuid(0x80000002u + i, &text[4 * i], &text[4 * i + 1], &text[4 * i + 2], &text[4 * i + 3]);
    }
    std::string name(reinterpret_cast<const char*>(text), sizeof text);
    name.resize(std::strlen(name.c_str()));
    const size_t first = name.find_first_not_of(' ');
    const size_t last = name.find_last_not_of(' ');
    if (first != std::string::npos) return name.substr(first, last - first + 1);
  }
#endif
  return "CPU";
}

// --------------------------------------------------------------------------- backend --

using Clock = std::chrono::steady_clock;

struct Event {
  Clock::time_point time;
  bool recorded = false;
};

// Activations of a training step are large and live long: huge pages spare page faults and address
// translation.
constexpr uint64_t kHugePage = uint64_t{2} << 20;
constexpr uint64_t kAlignment = 256;

class CpuBackend final : public Backend {
 public:
  CpuBackend(int threads, const OpTable* ops) : pool_(threads), ops_(ops) {}

  int32_t allocate(uint64_t bytes, int32_t, void** data, std::string& message) override {
    const uint64_t alignment = bytes >= 2 * kHugePage ? kHugePage : kAlignment;
    void* block = nullptr;
    if (bytes > UINT64_MAX - alignment ||
        posix_memalign(&block, alignment, bytes == 0 ? alignment : bytes) != 0) {
      message = "the system refused " + std::to_string(bytes) + " bytes of memory";
      return PCD_ERROR_OUT_OF_MEMORY;
    }
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (alignment == kHugePage) (void)madvise(block, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
#if defined(PCD_POISON_MEMORY)
    std::memset(block, 0xff, bytes);
#endif
    *data = block;
    return PCD_OK;
  }
  void release(void* data, int32_t) noexcept override { std::free(data); }
  uint64_t memory_bytes() const override { return physical_memory(); }

  int32_t stream_create(void** stream, std::string&) override {
    *stream = nullptr;
    return PCD_OK;
  }
  void stream_destroy(void*) noexcept override {}
  int32_t stream_synchronize(void*, std::string&) override { return PCD_OK; }
  int32_t stream_status(void*, std::string&) override { return PCD_OK; }
  void* stream_native_handle(void*) override { return nullptr; }

  int32_t event_create(void** event, std::string& message) override {
    *event = new (std::nothrow) Event;
    if (*event != nullptr) return PCD_OK;
    message = "the system refused memory for an event";
    return PCD_ERROR_OUT_OF_MEMORY;
  }
  void event_destroy(void* event) noexcept override { delete static_cast<Event*>(event); }
  int32_t event_record(void* event, void*, std::string&) override {
    static_cast<Event*>(event)->time = Clock::now();
    static_cast<Event*>(event)->recorded = true;
    return PCD_OK;
  }
  int32_t event_wait(void*, void*, std::string&) override { return PCD_OK; }
  int32_t event_synchronize(void*, std::string&) override { return PCD_OK; }
  int32_t event_elapsed(void* begin, void* end, double* milliseconds, std::string& message) override {
    const auto* from = static_cast<const Event*>(begin);
    const auto* to = static_cast<const Event*>(end);
    if (!from->recorded || !to->recorded) {
      message = "both events must have been recorded before the time between them can be read";
      return PCD_ERROR_ARGUMENT;
    }
    *milliseconds = std::chrono::duration<double, std::milli>(to->time - from->time).count();
    return PCD_OK;
  }

  int32_t upload(void*, const void* source, void* target, uint64_t bytes, std::string&) override {
    if (bytes != 0) std::memcpy(target, source, bytes);
    return PCD_OK;
  }
  int32_t download(void*, const void* source, void* target, uint64_t bytes, std::string&) override {
    if (bytes != 0) std::memcpy(target, source, bytes);
    return PCD_OK;
  }

  bool captures_graphs() const override { return false; }
  int32_t capture_begin(void*, std::string& message) override { return no_capture(message); }
  int32_t capture_end(void*, void**, std::string& message) override { return no_capture(message); }
  int32_t graph_launch(void*, void*, std::string& message) override { return no_capture(message); }
  void graph_destroy(void*) noexcept override {}

  int32_t workspace_size(OpId op, const void* desc, uint64_t* bytes, std::string&) override {
    return size_of(ops_->workspace[static_cast<int>(op)], desc, bytes);
  }
  int32_t saved_size(OpId op, const void* desc, uint64_t* bytes, std::string&) override {
    return size_of(ops_->saved[static_cast<int>(op)], desc, bytes);
  }
  int32_t pack_size(const pcd_pack_entry& entry, uint64_t* bytes, std::string&) override {
    *bytes = ops_->pack_size(entry);
    return PCD_OK;
  }
  int32_t run(void*, OpId op, const void* desc, std::string& message) override {
    const int32_t status = ops_->run[static_cast<int>(op)](pool_, desc);
    if (status != PCD_OK) message = "the CPU backend cannot run this descriptor";
    return status;
  }

 private:
  static int32_t no_capture(std::string& message) {
    message = "the CPU backend executes at the call and captures no graphs";
    return PCD_ERROR_INTERNAL;
  }

  int32_t size_of(OpTable::Size size, const void* desc, uint64_t* bytes) const {
    *bytes = size == nullptr ? 0 : size(pool_, desc);
    return PCD_OK;
  }

  Pool pool_;
  const OpTable* ops_;
};

// --------------------------------------------------------------------------- as a plug-in --

template <size_t capacity>
void copy_text(char (&target)[capacity], const std::string& text) {
  std::snprintf(target, capacity, "%s", text.c_str());
}

int32_t device_count(int32_t* count, std::string&) {
  *count = 1;
  return PCD_OK;
}

int32_t check_device(int32_t index, std::string& message) {
  if (index == 0) return PCD_OK;
  message = "the CPU backend has one device, 0; " + std::to_string(index) + " was asked for";
  return PCD_ERROR_NO_DEVICE;
}

int32_t device_query(int32_t index, pcd_device_info* info, std::string& message) {
  if (const int32_t status = check_device(index, message); status != PCD_OK) return status;
  int32_t status = PCD_OK;
  const InstructionSet* best = choose("", &status, message);
  if (best == nullptr) return status;
  info->backend = PCD_BACKEND_CPU;
  info->index = 0;
  info->compute_units = usable_processors();
  info->capability = 0;
  info->driver_version = 0;
  info->memory_bytes = physical_memory();
  copy_text(info->name, processor_name());
  copy_text(info->instruction_set, best->name);
  return PCD_OK;
}

int32_t create(const pcd_context_desc* desc, Backend** backend, std::string& message) {
  if (const int32_t status = check_device(desc->device, message); status != PCD_OK) return status;
  if (desc->threads < 0) {
    message = "threads must be 0 (all this process may use) or more, not " + std::to_string(desc->threads);
    return PCD_ERROR_ARGUMENT;
  }
  const size_t length = strnlen(desc->instruction_set, sizeof desc->instruction_set);
  int32_t status = PCD_OK;
  const InstructionSet* set = choose(std::string(desc->instruction_set, length), &status, message);
  if (set == nullptr) return status;
  const int threads = desc->threads == 0 ? usable_processors() : desc->threads;
  try {
    *backend = new CpuBackend(threads, &set->table());
  } catch (const std::bad_alloc&) {
    message = "the system refused memory for the backend";
    return PCD_ERROR_OUT_OF_MEMORY;
  }
  return PCD_OK;
}

void destroy(Backend* backend) { delete backend; }

}  // namespace

const Plugin* cpu_plugin() {
  static const Plugin plugin = {sizeof(Plugin), PCD_BACKEND_CPU, PCD_BUILD_ID, device_count,
                                device_query,   create,          destroy,      nullptr, nullptr};
  return &plugin;
}

}  // namespace pcd
