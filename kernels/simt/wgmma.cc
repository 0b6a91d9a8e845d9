// SPDX-License-Identifier: Apache-2.0
//
// Lanes ask for products without meeting: the first to come notes the product for its warp, the others must
// ask for the same. They meet in the wait, where the warp's products are computed in the order in which they
// were asked for.
#include "wgmma.h"

#include <cstring>
#include <vector>

#include "descriptor.h"
#include "matrix.h"
#include "warp.h"

namespace pcd::simt {
namespace {

constexpr int kMostColumns = 256;
constexpr uint32_t kWarps = kMaxThreads / kWarp, kNone = ~0u;

// Results of a warp that are under way.
struct Sums {
  float* d[kLanes];  // null: not under way for this lane
  int n, products;   // columns; products that have yet to be computed
  float values[16 * kMostColumns];
};
struct Request {
  Product product;
  uint32_t group, sums;
  uint32_t a[kLanes][4];
};
struct Lane {
  uint32_t asked, committed;  // products since the block began; groups
  bool fenced;
};
struct Warp {
  std::vector<Request> requests;  // not yet computed
  uint32_t computed;              // before those
  std::vector<Sums> sums;
};
Lane lanes[kMaxThreads];
Warp warps[kWarps];

// What the four warps of a warpgroup must agree on, as far back as warps may lag behind each other.
struct History {
  static constexpr uint32_t kLength = 1024;
  std::vector<Product> products;
  uint32_t asked;  // by the foremost warp
};
History histories[kMaxThreads / kWarpgroup];

bool same(const Product& x, const Product& y) {
  return x.format == y.format && x.n == y.n && x.fresh == y.fresh && x.transposed == y.transposed &&
         x.shared_a == y.shared_a && x.a == y.a && x.b == y.b;
}

void begin_block() {
  std::memset(lanes, 0, sizeof lanes);
  for (Warp& warp : warps) {
    warp.requests.clear();
    warp.computed = 0;
    for (Sums& sums : warp.sums) {
      sums.products = 0;
      std::memset(sums.d, 0, sizeof sums.d);
    }
  }
  for (History& history : histories) history.asked = 0;
}

void end_block() {
  const uint32_t threads = threads_of_block();
  for (uint32_t thread = 0; thread < threads; ++thread) {
    const Warp& warp = warps[thread / kWarp];
    if (!warp.requests.empty()) {
      fault("warp %u has exited with %zu wgmma that it never waited for%s", thread / kWarp,
            warp.requests.size(),
            warp.requests.front().group == lanes[thread].committed ? ", the first one never committed" : "");
    }
    if (lanes[thread].asked != histories[thread / kWarpgroup].asked) {
      fault("thread %u has exited after %u wgmma, its warpgroup's foremost warp after %u", thread,
            lanes[thread].asked, histories[thread / kWarpgroup].asked);
    }
  }
}

const struct Registration {
  Registration() { at_block(begin_block, end_block); }
} registration;

// The first lane of a warp to ask for its next product. Others of the warpgroup may have been here.
void agree_with_warpgroup(const Product& product, uint32_t index) {
  const uint32_t thread = thread_in_block(), group = thread / kWarpgroup;
  if ((group + 1) * kWarpgroup > threads_of_block()) {
    fault("wgmma by a warpgroup that has %u of its %u threads", threads_of_block() - group * kWarpgroup,
          kWarpgroup);
  }
  History& history = histories[group];
  if (history.products.empty()) history.products.resize(History::kLength);
  Product& place = history.products[index % History::kLength];
  if (index == history.asked) {
    place = product;
    ++history.asked;
  } else if (index + History::kLength >= history.asked && !same(place, product)) {
    fault(
        "wgmma: warps of a warpgroup ask for different products (number %u; b 0x%016llx here, 0x%016llx "
        "there)",
        index + 1, static_cast<unsigned long long>(product.b), static_cast<unsigned long long>(place.b));
  }
}

uint32_t sums_of(const Warp& warp, uint32_t lane, const float* d) {
  for (uint32_t i = 0; i < warp.sums.size(); ++i) {
    if (warp.sums[i].d[lane] == d) return i;
  }
  return kNone;
}

uint32_t unused_sums(Warp& warp, int n) {
  uint32_t i = 0;
  while (i < warp.sums.size() && warp.sums[i].products != 0) ++i;
  if (i == warp.sums.size()) warp.sums.push_back({});
  warp.sums[i].n = n;
  return i;
}

// Results of 8 columns are two pairs of a lane: rows g and g + 8, columns 2q and 2q + 1.
template <typename Visit>
void visit_results(Sums& sums, uint32_t lane, Visit visit) {
  const uint32_t g = lane / 4, q = lane % 4;
  float* const d = sums.d[lane];
  for (int j = 0; j < sums.n / 8; ++j) {
    float *upper = sums.values + g * sums.n + 8 * j + 2 * q, *lower = upper + 8 * sums.n;
    visit(d[4 * j], upper[0]);
    visit(d[4 * j + 1], upper[1]);
    visit(d[4 * j + 2], lower[0]);
    visit(d[4 * j + 3], lower[1]);
  }
}

void take_results(Sums& sums, uint32_t lane, float* d) {
  sums.d[lane] = d;
  visit_results(sums, lane, [](float& own, float& value) {
    value = own;
    own = float_of(kPoison);
  });
}

void expect_untouched(const Sums& sums, const float* d) {
  for (int i = 0; i < sums.n / 2; ++i) {
    if (bits_of(d[i]) != kPoison) {
      fault("wgmma: d[%d] was written while a product with the same d was under way", i);
    }
  }
}

void compute(const Request& request, Sums& sums, uint32_t warp) {
  static float b[16 * kMostColumns];
  const Product& product = request.product;
  float a[16][16];
  if (product.shared_a) {
    read_rows(product.a, product.format, static_cast<int>(warp % 4 * 16), a);
  } else {
    gather_a(product.format, request.a, a);
  }
  read_columns(product.b, product.format, product.n, product.transposed, b);
  if (product.fresh) std::memset(sums.values, 0, sizeof(float) * 16 * static_cast<size_t>(product.n));
  multiply_rows(sums.values, a, b, product.n);
}

void complete(void* const* arguments, uint32_t) {
  const auto groups_of = [&](uint32_t lane) { return *static_cast<const uint32_t*>(arguments[lane]); };
  const uint32_t groups = groups_of(0), warp_index = thread_in_block() / kWarp;
  const Lane* const own = lanes + warp_index * kWarp;
  for (uint32_t lane = 1; lane < kWarp; ++lane) {
    if (groups_of(lane) != groups) {
      fault("wgmma_wait: lane %u leaves %u groups under way, lane 0 %u", lane, groups_of(lane), groups);
    }
    if (own[lane].asked == own[0].asked && own[lane].committed == own[0].committed) continue;
    fault("wgmma_wait: lane %u has asked for %u wgmma in %u groups, lane 0 for %u in %u", lane,
          own[lane].asked, own[lane].committed, own[0].asked, own[0].committed);
  }
  Warp& warp = warps[warp_index];
  size_t done = 0;
  for (; done < warp.requests.size(); ++done) {
    const Request& request = warp.requests[done];
    if (request.group + groups >= own[0].committed) break;
    Sums& sums = warp.sums[request.sums];
    compute(request, sums, warp_index);
    if (--sums.products != 0) continue;
    for (uint32_t lane = 0; lane < kWarp; ++lane) {
      visit_results(sums, lane, [](float& result, float& value) { result = value; });
      sums.d[lane] = nullptr;
    }
  }
  warp.requests.erase(warp.requests.begin(), warp.requests.begin() + static_cast<std::ptrdiff_t>(done));
  warp.computed += static_cast<uint32_t>(done);
}

}  // namespace

void wgmma(const Product& product, float* d, const uint32_t* a) {
  require(90, "wgmma");
  const uint32_t thread = thread_in_block(), lane_index = thread % kWarp;
  Lane& lane = lanes[thread];
  Warp& warp = warps[thread / kWarp];
  const uint32_t own = sums_of(warp, lane_index, d);
  if (!lane.fenced && (own == kNone || !product.shared_a)) {
    fault(
        "wgmma without wgmma_fence, although registers may have been written since the kernel began or "
        "wgmma_wait");
  }
  const uint32_t place = lane.asked - warp.computed;
  if (place == warp.requests.size()) {
    agree_with_warpgroup(product, lane.asked);
    warp.requests.push_back({product, lane.committed, own != kNone ? own : unused_sums(warp, product.n), {}});
    ++warp.sums[warp.requests.back().sums].products;
  }
  Request& request = warp.requests[place];
  Sums& sums = warp.sums[request.sums];
  if (!same(request.product, product) || request.group != lane.committed ||
      (own != kNone && own != request.sums) || (own == kNone && sums.d[lane_index] != nullptr)) {
    fault("wgmma: lanes of a warp ask for different products");
  }
  if (own == kNone) {
    take_results(sums, lane_index, d);
  } else if (sums.n != product.n) {
    fault("wgmma: d is under way with %d columns and asked for with %d", sums.n, product.n);
  } else {
    expect_untouched(sums, d);
  }
  if (a != nullptr) std::memcpy(request.a[lane_index], a, sizeof request.a[lane_index]);
  ++lane.asked;
}

void wgmma_fence() {
  require(90, "wgmma.fence");
  lanes[thread_in_block()].fenced = true;
}

void wgmma_commit() {
  require(90, "wgmma.commit_group");
  ++lanes[thread_in_block()].committed;
}

void wgmma_wait(uint32_t groups) {
  require(90, "wgmma.wait_group");
  warp_collective("wgmma.wait_group", kAllLanes, &groups, complete);
  lanes[thread_in_block()].fenced = false;
}

void wgmma_results(const float* d) {
  if (sums_of(warps[thread_in_block() / kWarp], thread_in_block() % kWarp, d) == kNone) return;
  fault("results of wgmma are used before the wgmma_wait that they need");
}

}  // namespace pcd::simt
