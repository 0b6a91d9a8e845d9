// SPDX-License-Identifier: Apache-2.0
// Measures what this GPU can do at most, so that a kernel's time can be held against a floor that was
// measured and not read off a datasheet: device-memory and L2 and shared-memory bandwidth, fp32 and
// special-function and integer rates, tensor-core rates by mma.sync and wgmma, launch and graph overhead.
// One JSON line a figure on standard output. Data are pseudo-random: zeros draw less power and run faster.
//
//   nvcc -std=c++17 -O3 -gencode=arch=compute_90a,code=sm_90a -o ceilings ceilings.cu && ./ceilings
//
// Options: --seconds S  time for each figure (default 0.3); --gib G  size of each large buffer (default 4).

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ceilings_tensor.cuh"

#define CHECK(call)                                                                            \
  do {                                                                                         \
    cudaError_t e_ = (call);                                                                   \
    if (e_ != cudaSuccess) {                                                                   \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(e_)); \
      std::exit(1);                                                                            \
    }                                                                                          \
  } while (0)

namespace {

double g_seconds = 0.3;

__global__ void fill_kernel(uint32_t* data, size_t n) {
  size_t step = size_t(gridDim.x) * blockDim.x;
  for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < n; i += step) {
    uint32_t x = uint32_t(i) * 2654435761u + 12345u;
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    data[i] = (x & 0x007fffffu) | 0x3f000000u;  // a float in [0.5, 1)
  }
}

// A block copies contiguous pieces; each thread keeps four independent 16-byte loads in flight.
__global__ void copy_kernel(const uint4* __restrict__ in, uint4* __restrict__ out, size_t n) {
  size_t tile = size_t(blockDim.x) * 4;
  for (size_t base = blockIdx.x * tile + threadIdx.x; base < n; base += gridDim.x * tile) {
    uint4 v[4];
#pragma unroll
    for (int k = 0; k < 4; ++k)
      if (base + k * blockDim.x < n) v[k] = __ldcs(in + base + k * blockDim.x);
#pragma unroll
    for (int k = 0; k < 4; ++k)
      if (base + k * blockDim.x < n) __stcs(out + base + k * blockDim.x, v[k]);
  }
}

// Each thread makes 4·iterations reads past the L1, walking round n 16-byte words (n a power of two); the
// sum keeps the loads alive.
__global__ void read_kernel(const uint4* __restrict__ in, uint32_t* out, size_t n, int iterations) {
  const size_t step = size_t(gridDim.x) * blockDim.x, mask = n - 1;
  size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
  uint32_t sum = 0;
  for (int it = 0; it < iterations; ++it, i += 4 * step) {
    uint4 a = __ldcg(in + (i & mask)), b = __ldcg(in + ((i + step) & mask)),
          c = __ldcg(in + ((i + 2 * step) & mask)), d = __ldcg(in + ((i + 3 * step) & mask));
    sum += (a.x ^ b.y) + (c.z ^ d.w) + (a.w ^ c.x) + (b.z ^ d.y);
  }
  if (sum == 0xdeadbeefu) out[0] = sum;
}

// Conflict-free 16-byte reads of 32 KiB of shared memory.
__global__ void shared_kernel(uint32_t* out, int iterations) {
  __shared__ uint4 tile[2048];
  for (int i = threadIdx.x; i < 2048; i += blockDim.x) tile[i] = make_uint4(i, i * 3, i * 5, i * 7);
  __syncthreads();
  uint32_t address = uint32_t(__cvta_generic_to_shared(tile));
  uint32_t sum = 0;
  for (int it = 0; it < iterations; ++it) {
#pragma unroll
    for (int k = 0; k < 8; ++k) {
      uint32_t index = (threadIdx.x + it * 32 + k * 256) & 2047u;
      uint32_t a, b, c, d;
      asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];"
                   : "=r"(a), "=r"(b), "=r"(c), "=r"(d)
                   : "r"(address + index * 16));
      sum += a ^ b ^ c ^ d;
    }
  }
  if (sum == 0xdeadbeefu) out[0] = sum;
}

struct FmaOp {
  static constexpr const char* name = "fp32 FMA";
  static constexpr double operations = 2;
  static __device__ float apply(float x) { return fmaf(x, 0.9997f, 0.0002f); }
};
struct Ex2Op {
  static constexpr const char* name = "ex2.approx";
  static constexpr double operations = 1;
  static __device__ float apply(float x) {
    float y;
    asm volatile("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
  }
};
struct TanhOp {
  static constexpr const char* name = "tanh.approx";
  static constexpr double operations = 1;
  static __device__ float apply(float x) {
    float y;
    asm volatile("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
  }
};
struct PopcOp {
  static constexpr const char* name = "popc";
  static constexpr double operations = 1;
  static __device__ float apply(float x) {
    int y;
    asm volatile("popc.b32 %0, %1;" : "=r"(y) : "r"(__float_as_int(x)));
    return __int_as_float(y);
  }
};
struct Lop3Op {
  static constexpr const char* name = "lop3";
  static constexpr double operations = 1;
  static __device__ float apply(float x) {
    int y;
    asm volatile("lop3.b32 %0, %1, 0x5a5a1234, %1, 0x6a;" : "=r"(y) : "r"(__float_as_int(x)));
    return __int_as_float(y);
  }
};

// Sixteen independent chains a thread of one scalar operation.
template <class Op>
__global__ void scalar_kernel(float* out, int iterations) {
  float r[16];
#pragma unroll
  for (int k = 0; k < 16; ++k) r[k] = 0.5f + 0.001f * float(threadIdx.x % 251) + 0.01f * float(k);
  for (int it = 0; it < iterations; ++it) {
#pragma unroll
    for (int k = 0; k < 16; ++k) r[k] = Op::apply(r[k]);
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < 16; ++k) sum += r[k];
  if (sum == 1234.5678f) out[0] = sum;
}

__global__ void empty_kernel() {}

struct Timing {
  double median, p10, p90;
  int repeats;
};

Timing summary(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  auto at = [&](double q) { return ms[size_t(q * double(ms.size() - 1) + 0.5)]; };
  return {at(0.5), at(0.1), at(0.9), int(ms.size())};
}

// Times launches of `work` with events, after three warm-up launches, for about g_seconds.
template <class Work>
Timing time_device(Work work) {
  cudaEvent_t begin, end;
  CHECK(cudaEventCreate(&begin));
  CHECK(cudaEventCreate(&end));
  std::vector<double> times;
  double total = 0;
  for (int i = 0; i < 403 && (total < g_seconds * 1e3 || i < 13); ++i) {
    CHECK(cudaEventRecord(begin));
    work();
    CHECK(cudaEventRecord(end));
    CHECK(cudaGetLastError());
    CHECK(cudaEventSynchronize(end));
    float ms = 0;
    CHECK(cudaEventElapsedTime(&ms, begin, end));
    if (i >= 3) {
      times.push_back(ms);
      total += ms;
    }
  }
  CHECK(cudaEventDestroy(begin));
  CHECK(cudaEventDestroy(end));
  return summary(std::move(times));
}

void report(const char* subject, const std::string& variant, const std::string& shape, Timing t,
            double value, const char* unit) {
  std::printf(
      "{\"record\":\"measurement\",\"stage\":\"ceilings\",\"subject\":\"%s\",\"variant\":\"%s\","
      "\"shape\":{%s},\"median_ms\":%.6g,\"p10_ms\":%.6g,\"p90_ms\":%.6g,\"repeats\":%d,"
      "\"value\":%.6g,\"unit\":\"%s\"}\n",
      subject, variant.c_str(), shape.c_str(), t.median, t.p10, t.p90, t.repeats, value, unit);
  std::fflush(stdout);
}

std::string field(const char* name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "\"%s\":%.0f", name, value);
  return text;
}

void memory_figures(double gib, int sms) {
  size_t bytes = size_t(gib * (1u << 30)) / 16 * 16;
  uint4 *a, *b;
  CHECK(cudaMalloc(&a, bytes));
  CHECK(cudaMalloc(&b, bytes));
  fill_kernel<<<sms * 8, 256>>>(reinterpret_cast<uint32_t*>(a), bytes / 4);
  CHECK(cudaGetLastError());
  CHECK(cudaMemset(b, 0x5a, bytes));
  size_t n = bytes / 16;
  Timing t = time_device([&] { copy_kernel<<<sms * 16, 256>>>(a, b, n); });
  report("device memory", "copy kernel, read + write", field("bytes", 2.0 * bytes), t,
         2.0 * bytes / t.median / 1e9, "TB/s");
  t = time_device([&] { CHECK(cudaMemcpyAsync(b, a, bytes, cudaMemcpyDeviceToDevice)); });
  report("device memory", "cudaMemcpy, read + write", field("bytes", 2.0 * bytes), t,
         2.0 * bytes / t.median / 1e9, "TB/s");
  uint32_t* sink = reinterpret_cast<uint32_t*>(b);
  const int read_blocks = sms * 8;
  const double per_iteration = 4.0 * 16 * read_blocks * 256;
  size_t whole = 1;
  while (whole * 2 <= n) whole *= 2;
  int iterations = int(16.0 * double(whole) / per_iteration);
  t = time_device([&] { read_kernel<<<read_blocks, 256>>>(a, sink, whole, iterations); });
  report("device memory", "read only", field("bytes", 16.0 * double(whole)), t,
         per_iteration * iterations / t.median / 1e9, "TB/s");
  for (size_t mebibytes : {8, 16, 32}) {
    size_t words = (mebibytes << 20) / 16;
    t = time_device([&] { read_kernel<<<read_blocks, 256>>>(a, sink, words, 256); });
    report("L2", "read", field("bytes", 16.0 * double(words)), t, per_iteration * 256 / t.median / 1e9,
           "TB/s");
  }
  CHECK(cudaFree(a));
  CHECK(cudaFree(b));
}

template <class Op>
void scalar_figure(float* sink, int sms) {
  const int iterations = 8192, blocks = sms * 8, threads = 256;
  Timing t = time_device([&] { scalar_kernel<Op><<<blocks, threads>>>(sink, iterations); });
  double operations = Op::operations * 16.0 * iterations * blocks * threads;
  report("scalar", Op::name, field("threads", double(blocks) * threads), t, operations / t.median / 1e9,
         "Top/s");
}

void launch_figures() {
  cudaStream_t stream;
  CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  auto host_time = [&](int launches, auto&& body) {
    std::vector<double> times;
    for (int round = 0; round < 23; ++round) {
      CHECK(cudaStreamSynchronize(stream));
      auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < launches; ++i) body();
      CHECK(cudaStreamSynchronize(stream));
      std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
      if (round >= 3) times.push_back(ms.count() / launches);
    }
    return summary(std::move(times));
  };
  Timing t = host_time(1000, [&] { empty_kernel<<<1, 32, 0, stream>>>(); });
  CHECK(cudaGetLastError());
  report("launch", "kernel in a stream", field("launches", 1000), t, t.median * 1e3, "us");
  t = host_time(1, [&] { empty_kernel<<<1, 32, 0, stream>>>(); });
  report("launch", "kernel and synchronise", field("launches", 1), t, t.median * 1e3, "us");
  for (int nodes : {1, 100, 1000}) {
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    for (int i = 0; i < nodes; ++i) empty_kernel<<<1, 32, 0, stream>>>();
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&executable, graph, 0));
    t = host_time(200, [&] { CHECK(cudaGraphLaunch(executable, stream)); });
    report("launch", "graph replay, a node", field("nodes", nodes), t, t.median * 1e3 / nodes, "us");
    CHECK(cudaGraphExecDestroy(executable));
    CHECK(cudaGraphDestroy(graph));
  }
  CHECK(cudaStreamDestroy(stream));
}

void tensor_figures(float* sink, int sms, bool hopper) {
  const int iterations = 4096;
  auto rate = [&](const std::string& variant, int n, double flop_per_warp, int warps, auto&& launch) {
    Timing t = time_device(launch);
    report("tensor cores", variant, field("n", n), t, flop_per_warp * warps / t.median / 1e9, "TFLOP/s");
  };
  for (int warps_per_sm : {8, 16}) {
    int blocks = sms * warps_per_sm / 4;
    std::string variant = "mma.sync m16n8k16 bf16, " + std::to_string(warps_per_sm) + " warps an SM";
    rate(variant, 8, 2.0 * 16 * 8 * 16 * 8 * iterations, blocks * 4,
         [&] { ceilings::mma_kernel<<<blocks, 128>>>(sink, iterations); });
  }
  if (!hopper) return;
#define WGMMA_FIGURE(N, BLOCKS_PER_SM)                                                                \
  do {                                                                                                \
    int shared = ceilings::wgmma_shared_bytes(N);                                                     \
    CHECK(cudaFuncSetAttribute(ceilings::wgmma_kernel<N, false>,                                      \
                               cudaFuncAttributeMaxDynamicSharedMemorySize, shared));                 \
    CHECK(cudaFuncSetAttribute(ceilings::wgmma_kernel<N, true>,                                       \
                               cudaFuncAttributeMaxDynamicSharedMemorySize, shared));                 \
    int blocks = sms * BLOCKS_PER_SM;                                                                 \
    double flop = 2.0 * 64 * N * 256 * iterations / 4; /* a warp's quarter of the warpgroup's tile */  \
    rate("wgmma bf16, A and B shared", N, flop, blocks * 8,                                           \
         [&] { ceilings::wgmma_kernel<N, false><<<blocks, 256, shared>>>(sink, iterations); });       \
    rate("wgmma bf16, A registers", N, flop, blocks * 8,                                              \
         [&] { ceilings::wgmma_kernel<N, true><<<blocks, 256, shared>>>(sink, iterations); });        \
  } while (0)
  WGMMA_FIGURE(64, 2);
  WGMMA_FIGURE(128, 2);
  WGMMA_FIGURE(256, 1);
#undef WGMMA_FIGURE
}

}  // namespace

int main(int argc, char** argv) {
  double gib = 4;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 < argc && !std::strcmp(argv[i], "--seconds")) {
      g_seconds = std::atof(argv[i + 1]);
    } else if (i + 1 < argc && !std::strcmp(argv[i], "--gib")) {
      gib = std::atof(argv[i + 1]);
    } else {
      std::fprintf(stderr, "usage: ceilings [--seconds S] [--gib G]\n");
      return 2;
    }
  }
  cudaDeviceProp properties;
  CHECK(cudaGetDeviceProperties(&properties, 0));
  int sms = properties.multiProcessorCount;
  std::printf(
      "{\"record\":\"device\",\"stage\":\"ceilings\",\"gpu\":\"%s\",\"compute_capability\":\"%d.%d\","
      "\"multiprocessors\":%d,\"l2_bytes\":%d,\"shared_bytes_per_block\":%zu,\"memory_bytes\":%zu}\n",
      properties.name, properties.major, properties.minor, sms, properties.l2CacheSize,
      properties.sharedMemPerBlockOptin, properties.totalGlobalMem);
  float* sink;
  CHECK(cudaMalloc(&sink, 1 << 20));
  launch_figures();
  memory_figures(gib, sms);
  const int shared_iterations = 4096;
  Timing t = time_device([&] {
    shared_kernel<<<sms * 4, 512>>>(reinterpret_cast<uint32_t*>(sink), shared_iterations);
  });
  report("shared memory", "16-byte reads", field("threads", sms * 4.0 * 512), t,
         sms * 4.0 * 512 * shared_iterations * 8 * 16 / t.median / 1e9, "TB/s");
  scalar_figure<FmaOp>(sink, sms);
  scalar_figure<Ex2Op>(sink, sms);
  scalar_figure<TanhOp>(sink, sms);
  scalar_figure<PopcOp>(sink, sms);
  scalar_figure<Lop3Op>(sink, sms);
  tensor_figures(sink, sms, properties.major == 9);
  CHECK(cudaDeviceSynchronize());
  CHECK(cudaFree(sink));
  return 0;
}
