// SPDX-License-Identifier: Apache-2.0
//
// Dynamic shared memory of each kernel that has some, as its host side asks for it: kernel, bytes at dilation 1, most
// bytes at any dilation at which the kernel is chosen on a GPU with 227 KiB; or a formula in place of both. Tabs
// between; resources.py reads it. Needs no GPU.
#include <cstdio>
#include <string>

#include "dilated_stack/forward.cuh"
#include "dilated_stack/hidden_gradient.cuh"
#include "dilated_stack/input_gradient.cuh"
#include "dilated_stack/weight_gradient.cuh"
#include "multiply_add/multiply_add.cuh"
#include "pool_project/pool_project.cuh"
#include "stem/stem.cuh"
#include "supcon/backward_hopper.cuh"
#include "supcon/forward_hopper.cuh"

namespace {

using namespace pcd::kernels;

constexpr int kLimit = 227 * 1024, kLongest = 128;  // the latter: beyond it no kernel's memory depends on the dilation

template <typename Bytes>
void print(const std::string& kernel, const Bytes& bytes) {
  int most = 0;
  for (int dilation = 1; dilation <= kLongest; ++dilation) {
    if (bytes(dilation) <= kLimit && bytes(dilation) > most) most = bytes(dilation);
  }
  if (most > 0) std::printf("%s\t%d\t%d\n", kernel.c_str(), bytes(1), most);
}

std::string name(const char* kernel, int c, int groups, bool wgmma) {
  return std::string("stack::") + kernel + "<" + std::to_string(c) + ", " + std::to_string(groups) + ", " +
         (wgmma ? "true" : "false");
}

void print_blocks(int c, int groups, bool wgmma) {
  for (int ring = 0; ring <= 4; ++ring) {
    const std::string slabs = ", " + std::to_string(ring);
    for (const char* save : {", false>", ", true>"}) {
      print(name("block_forward", c, groups, wgmma) + slabs + save, [&](int dilation) {
        return stack::forward_shared_bytes(c, wgmma, groups, ring, stack::step_of(dilation));
      });
    }
    print(name("input_gradient", c, groups, wgmma) + slabs + ">", [&](int dilation) {
      return stack::input_gradient_shared_bytes(c, wgmma, groups, ring, stack::step_of(dilation));
    });
    print(name("hidden_gradient", c, groups, wgmma) + slabs + ">",
          [&](int) { return stack::hidden_gradient_shared_bytes(c, wgmma, groups, ring); });
  }
}

void print_weights(int c, int depth, int stages) {
  const std::string arguments = std::to_string(c) + ", " + std::to_string(depth) + ", " + std::to_string(stages);
  print("stack::weight_gradient<" + arguments + ">",
        [&](int dilation) { return stack::gradient_shared_bytes(c, depth, stages, dilation); });
}

template <bool kSplit>
void print_contrast() {
  for (const char* kind : {"any", "out", "jaccard"}) {
    for (const char* general : {"true", "false"}) {
      const std::string arguments = std::string("<") + kind + ", " + general + ", " + (kSplit ? "true>" : "false>");
      const auto fixed = [&](const char* kernel, int bytes) {
        print("supcon::" + (kernel + arguments), [=](int) { return bytes; });
      };
      fixed("forward_tiles", supcon::ForwardShape<kSplit>::kSharedBytes);
      fixed("backward_tiles", supcon::BackwardShape<kSplit>::kSharedBytes);
      fixed("forward_hopper", supcon::ForwardRing<kSplit>::kSharedBytes);
      fixed("backward_hopper", supcon::BackwardRing<kSplit>::kSharedBytes);
    }
  }
}

}  // namespace

int main() {
  for (const int c : {64, 128, 256}) {
    for (int groups = 1; groups <= 3; ++groups) {
      print_blocks(c, groups, false);
      print_blocks(c, groups, true);
    }
    print_weights(c, 48, 2);
    print_weights(c, 96, 3);
  }
  print_contrast<false>();
  print_contrast<true>();
  std::printf("multiply_add::wgmma_tiles\t%d\n", multiply_add::kTileBytes);
  for (const char* type : {"float", "bf16"}) {
    std::printf("pool::pool<%s>\t%zu·C\n", type, pool::kWarps * sizeof(float));
    std::printf("pool::unpool<%s>\t%zu·C\n", type, sizeof(float));
    const size_t samples = stem::sample_count(1) * sizeof(float), weights = stem::weight_count(1) * sizeof(float);
    std::printf("stem::forward<%s>\t%zu·leads\n", type, samples + weights);
    std::printf("stem::gradient_pieces<%s>\t%zu·leads\n", type, samples);
  }
  return 0;
}
