// SPDX-License-Identifier: Apache-2.0
//
// wgmma on the SIMT executor: products against plain loops for every width, both formats and every way in
// which operands lie; and the faults that kernels can make with it, each beside its corrected twin.
#include <vector>

#include "support/random.h"
#include "support/simt.h"

namespace {

using namespace pcd::test;
using namespace pcd::kernels;

constexpr int kRows = 64, kDepth = 64;  // of a test's product: four wgmma

// What a kernel does wrong.
enum class Fault {
  none,
  no_swizzle,       // the operand lies as if there were none
  no_fence,         // wgmma_fence
  no_shared_fence,  // after cp.async
  no_wait,          // d is read before wgmma_wait
  early_wait,       // wgmma_wait<1> where 0 is needed
  never_waited,
  no_commit,
  early_overwrite,    // the tile is written before wgmma_wait
  touched_result,     // d is written while under way
  results_too_early,  // wgmma_results before wgmma_wait
  one_warp_less,
  other_operand,  // a warp gives another descriptor
  one_lane_less,
  bad_mode,
  bad_base_offset,
  bad_reserved,
  bad_row,
  bad_piece,
  bad_stride,
  out_of_range
};

uint64_t spoiled(uint64_t descriptor, Fault fault) {
  switch (fault) {
    case Fault::bad_mode: return descriptor & ~(uint64_t{3} << 62);
    case Fault::bad_base_offset: return descriptor | uint64_t{1} << 49;
    case Fault::bad_reserved: return descriptor | uint64_t{1} << 14;
    case Fault::bad_row: return descriptor + 8;
    case Fault::bad_piece: return descriptor + 7;
    case Fault::bad_stride: return (descriptor & ~(uint64_t{0x3fff} << 32)) | uint64_t{512 >> 4} << 32;
    case Fault::out_of_range: return descriptor + (200 * 1024 >> 4);
    default: return descriptor;
  }
}

// b [N][kDepth] bf16, a [kRows][kDepth], d [kRows][N] += a·bᵀ by one warpgroup.
template <int N, Fault kFault>
PCD_KERNEL void multiply(const uint16_t* a, const uint16_t* b, float* d) {
  PCD_DYNAMIC_SHARED(uint16_t, tile, 1024);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, g = lane / 4, q = lane % 4;
  const uint32_t base = shared_address(tile);
  for (int i = threadIdx.x; i < N * 8; i += kWarpgroup) {
    const int column = i / 8, piece = i % 8,
              place = kFault == Fault::no_swizzle ? piece : piece ^ (column & 7);
    copy_async(base + column * 128 + place * 16, b + column * kDepth + piece * 8);
  }
  copy_async_commit();
  copy_async_wait<0>();
  if (kFault != Fault::no_shared_fence) fence_shared_for_wgmma();
  __syncthreads();
  const int row = warp * 16 + g;
  const auto pair = [&](int r, int k) { return *reinterpret_cast<const uint32_t*>(a + r * kDepth + k); };
  float sums[N / 2];
  for (int j = 0; j < N / 8; ++j) {
    for (int i = 0; i < 4; ++i) sums[4 * j + i] = d[(row + i / 2 * 8) * N + 8 * j + 2 * q + i % 2];
  }
  uint64_t descriptor = spoiled(wgmma_descriptor(base), kFault);
  if (kFault == Fault::other_operand && warp == 2) descriptor += 2;
  if (kFault != Fault::no_fence) wgmma_fence();
  if (!(kFault == Fault::one_warp_less && warp == 3) &&
      !(kFault == Fault::one_lane_less && threadIdx.x == 17)) {
    for (int k = 0; k < kDepth / 16; ++k) {
      const uint32_t fragment[4] = {pair(row, 16 * k + 2 * q), pair(row + 8, 16 * k + 2 * q),
                                    pair(row, 16 * k + 2 * q + 8), pair(row + 8, 16 * k + 2 * q + 8)};
      wgmma<N>(sums, fragment, descriptor + 2 * k);
      if (kFault == Fault::touched_result && k == 1) sums[3] += 1.0f;
    }
  }
  if (kFault != Fault::no_commit) wgmma_commit();
  if (kFault == Fault::early_overwrite) tile[threadIdx.x] = 0;
  if (kFault == Fault::results_too_early) wgmma_results(sums);
  if (kFault == Fault::early_wait) wgmma_wait<1>();
  float early = 0;
  if (kFault == Fault::no_wait) early = sums[0];
  if (kFault != Fault::early_wait && kFault != Fault::never_waited) wgmma_wait<0>();
  if (kFault != Fault::early_wait && kFault != Fault::never_waited && kFault != Fault::no_commit) {
    wgmma_results(sums);
  }
  for (int j = 0; j < N / 8; ++j) {
    for (int i = 0; i < 4; ++i) d[(row + i / 2 * 8) * N + 8 * j + 2 * q + i % 2] = sums[4 * j + i] + early;
  }
  if (kFault == Fault::early_wait) wgmma_wait<0>();
}

struct Operands {
  int columns;
  std::vector<uint16_t> a, b;
  std::vector<float> d, expected;

  explicit Operands(int n, uint16_t (*round)(float) = pcd::simt::float_to_bf16,
                    float (*value)(uint16_t) = pcd::simt::bf16_to_float)
      : columns(n) {
    Random random(static_cast<uint64_t>(n));
    for (int i = 0; i < kRows * kDepth; ++i) a.push_back(round(static_cast<float>(random.normal())));
    for (int i = 0; i < n * kDepth; ++i) b.push_back(round(static_cast<float>(random.normal())));
    d = random.normals(kRows * n);
    for (int i = 0; i < kRows * n; ++i) {
      double sum = 0;
      for (int k = 0; k < kDepth; ++k) {
        sum += static_cast<double>(value(a[static_cast<size_t>(i / n * kDepth + k)])) *
               static_cast<double>(value(b[static_cast<size_t>(i % n * kDepth + k)]));
      }
      expected.push_back(static_cast<float>(sum));
    }
  }

  // How many of `result` are the expected product, added to `start` of what was there.
  int wrong(const std::vector<float>& result, float start) const {
    int count = 0;
    for (size_t i = 0; i < result.size(); ++i) {
      const double should = static_cast<double>(expected[i]) + static_cast<double>(start * d[i]);
      if (!(std::fabs(static_cast<double>(result[i]) - should) <= 2e-5)) ++count;
    }
    return count;
  }
};

template <int N, Fault kFault>
std::string multiplied(const Operands& o, std::vector<float>* result) {
  *result = o.d;
  return launch(multiply<N, kFault>, 1, kWarpgroup, N * 128, o.a.data(), o.b.data(), result->data());
}

template <int N>
void widths() {
  const Operands o(N);
  std::vector<float> result;
  expect_passes(multiplied<N, Fault::none>(o, &result), "wgmma");
  expect(o.wrong(result, 1) == 0, "wgmma of " + std::to_string(N) + " columns differs from plain loops");
}

// The halves' variants: a by descriptor or by registers; b [64][kDepth], or [kDepth][64] when transposed.
template <bool kShared, bool kTransposed, bool kFresh>
PCD_KERNEL void multiply_halves(const uint16_t* a, const uint16_t* b, float* d) {
  PCD_DYNAMIC_SHARED(uint16_t, tiles, 1024);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, g = lane / 4, q = lane % 4,
            row = warp * 16 + g;
  for (int i = threadIdx.x; i < 64 * 64; i += kWarpgroup) {
    const int r = i / 64, c = i % 64, place = r * 64 + ((c / 8 ^ (r & 7)) * 8 + c % 8);
    tiles[place] = kTransposed ? b[c * kDepth + r] : b[r * kDepth + c];
    tiles[64 * 64 + place] = a[i];
  }
  fence_shared_for_wgmma();
  __syncthreads();
  float sums[32];
  for (int i = 0; i < 32; ++i) sums[i] = d[(row + i / 2 % 2 * 8) * 64 + i / 4 * 8 + 2 * q + i % 2];
  const uint64_t right = wgmma_descriptor(shared_address(tiles));
  const uint64_t left = wgmma_descriptor(shared_address(tiles + 64 * 64));
  const auto pair = [&](int r, int k) { return *reinterpret_cast<const uint32_t*>(a + r * kDepth + k); };
  wgmma_fence();
  const auto step = [&](auto fresh, int k) {
    constexpr bool kFirst = decltype(fresh)::value;
    const uint64_t b_here = right + (kTransposed ? 128 * k : 2 * k);
    if constexpr (kShared) {
      wgmma_f16<kFirst>(sums, left + 2 * k, b_here);
    } else {
      const uint32_t fragment[4] = {pair(row, 16 * k + 2 * q), pair(row + 8, 16 * k + 2 * q),
                                    pair(row, 16 * k + 2 * q + 8), pair(row + 8, 16 * k + 2 * q + 8)};
      wgmma_f16<kFirst, kTransposed>(sums, fragment, b_here);
    }
  };
  step(std::integral_constant<bool, kFresh>(), 0);
  for (int k = 1; k < kDepth / 16; ++k) step(std::false_type(), k);
  wgmma_commit();
  wgmma_wait<0>();
  wgmma_results(sums);
  for (int i = 0; i < 32; ++i) d[(row + i / 2 % 2 * 8) * 64 + i / 4 * 8 + 2 * q + i % 2] = sums[i];
}

template <bool kShared, bool kTransposed, bool kFresh>
void halves(const char* what) {
  const Operands o(64, pcd::simt::float_to_half, pcd::simt::half_to_float);
  std::vector<float> result = o.d;
  expect_passes(launch(multiply_halves<kShared, kTransposed, kFresh>, 1, kWarpgroup, 2 * 64 * 128, o.a.data(),
                       o.b.data(), result.data()),
                what);
  expect(o.wrong(result, kFresh ? 0.0f : 1.0f) == 0, std::string(what) + " differs from plain loops");
}

// Two products under way; the first must be complete, the second may not be used.
PCD_KERNEL void two_groups(const uint16_t* b, float* d) {
  PCD_DYNAMIC_SHARED(uint16_t, tile, 1024);
  for (int i = threadIdx.x; i < 64 * 64; i += kWarpgroup) tile[i] = b[i];
  fence_shared_for_wgmma();
  __syncthreads();
  const uint64_t descriptor = wgmma_descriptor(shared_address(tile));
  const uint32_t ones[4] = {0x3f803f80u, 0x3f803f80u, 0x3f803f80u, 0x3f803f80u};
  float first[32] = {}, second[32] = {};
  wgmma_fence();
  wgmma<64>(first, ones, descriptor);
  wgmma_commit();
  wgmma<64>(second, ones, descriptor);
  wgmma_commit();
  wgmma_wait<1>();
  d[threadIdx.x] = first[0];
  d[kWarpgroup + threadIdx.x] = second[0];
  wgmma_wait<0>();
  d[2 * kWarpgroup + threadIdx.x] = second[0];
}

void groups_complete_in_order() {
  const std::vector<uint16_t> b(64 * 64, 0x3f80);
  std::vector<float> d(3 * kWarpgroup);
  expect_passes(launch(two_groups, 1, kWarpgroup, 64 * 128, b.data(), d.data()), "two groups of wgmma");
  for (size_t i = 0; i < kWarpgroup; ++i) {
    expect(d[i] == 16 && std::isnan(d[kWarpgroup + i]) && d[2 * kWarpgroup + i] == 16,
           "wgmma_wait<1> completes the first group and leaves the second poisoned");
  }
}

template <Fault kFault>
void gives_fault(const char* words, const char* what) {
  std::vector<float> result;
  expect_fault(multiplied<64, kFault>(Operands(64), &result), words, what);
}
template <Fault kFault>
void gives_wrong_numbers(const char* what) {
  const Operands o(64);
  std::vector<float> result;
  expect_passes(multiplied<64, kFault>(o, &result), what);
  expect(o.wrong(result, 1) != 0, std::string(what) + " should give wrong numbers");
}

void planted_faults() {
  gives_wrong_numbers<Fault::no_swizzle>("an operand that lies without swizzle");
  gives_wrong_numbers<Fault::no_wait>("d read before wgmma_wait");
  gives_wrong_numbers<Fault::early_wait>("wgmma_wait<1> instead of 0");
  gives_wrong_numbers<Fault::early_overwrite>("a tile written before wgmma_wait");
  gives_fault<Fault::no_fence>("without wgmma_fence", "no wgmma_fence");
  gives_fault<Fault::no_shared_fence>("without fence_shared_for_wgmma", "no proxy fence");
  gives_fault<Fault::never_waited>("never waited for", "wgmma without wait");
  gives_fault<Fault::no_commit>("never committed", "wgmma without commit");
  gives_fault<Fault::touched_result>("was written while", "d touched while under way");
  gives_fault<Fault::results_too_early>("before the wgmma_wait", "wgmma_results before the wait");
  gives_fault<Fault::one_warp_less>("foremost warp", "a warp that leaves wgmma out");
  gives_fault<Fault::other_operand>("different products", "a warp with another operand");
  gives_fault<Fault::one_lane_less>("lane", "a lane that leaves wgmma out");
  gives_fault<Fault::bad_mode>("swizzle mode 0", "descriptor without swizzle");
  gives_fault<Fault::bad_base_offset>("base offset 1", "descriptor with a base offset");
  gives_fault<Fault::bad_reserved>("reserved bits", "descriptor with reserved bits");
  gives_fault<Fault::bad_row>("multiple of 1024", "descriptor that begins in the pattern's second row");
  gives_fault<Fault::bad_piece>("over the end of a row", "descriptor that runs over a row");
  gives_fault<Fault::bad_stride>("groups of eight rows 512", "descriptor with half a stride");
  gives_fault<Fault::out_of_range>("shared memory", "descriptor out of range");
  std::vector<float> result;
  pcd::simt::use_settings("80", "forward");
  expect_fault(multiplied<64, Fault::none>(Operands(64), &result), "wgmma", "wgmma on sm_80");
  pcd::simt::use_settings("90a", "forward");
  const Operands o(64);
  result = o.d;
  expect_fault(launch(multiply<64, Fault::none>, 1, 96, 64 * 128, o.a.data(), o.b.data(), result.data()),
               "96 of its 128", "a warpgroup of three warps");
}

}  // namespace

int main() {
  in_every_order("90a", [] {
    widths<64>();
    widths<128>();
    widths<256>();
    halves<false, false, false>("wgmma on halves");
    halves<false, true, true>("wgmma on halves, b transposed, fresh");
    halves<false, true, false>("wgmma on halves, b transposed");
    halves<true, false, true>("wgmma on halves, both by descriptor, fresh");
    halves<true, false, false>("wgmma on halves, both by descriptor");
    groups_complete_in_order();
  });
  planted_faults();
  return verdict();
}
