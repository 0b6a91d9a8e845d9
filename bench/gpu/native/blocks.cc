// SPDX-License-Identifier: Apache-2.0
//
// Times one block of dilated_stack through the public ABI, as JSON lines for bench/results: forward (inference),
// forward that saves for backward, and backward, in ns a row. Random data; two sets of tensors in rotation, each
// several times the L2; a graph of four calls is replayed between two events.
//
// usage: blocks [--backend cuda|cpu] [--precision bf16|fp32] [--widths 64,128,256] [--seconds S] [--rows-log2 N]
//               [--dilation D]
//   --rows-log2 N   2^N rows at C = 64, half at 128, a quarter at 256 (default 21)
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "device.h"

namespace {

using namespace pcd::bench;

constexpr int64_t kLength = 256;
constexpr size_t kSets = 2;
constexpr int kCalls = 4;

pcd_dilated_stack_desc block(Device& device, int64_t batch, int64_t c, int32_t dtype, int32_t dilation) {
  pcd_dilated_stack_desc d{};
  d.struct_size = sizeof d;
  d.blocks = 1;
  d.dilations[0] = dilation;
  d.input = device.normal({batch, kLength, c}, dtype, 1);
  d.parameters = device.normal({4 * c * c + 4 * c}, PCD_DTYPE_F32, 1.0f / std::sqrt(3.0f * static_cast<float>(c)));
  pcd_pack_desc pack{};
  pack.struct_size = sizeof pack;
  pack.count = 1;
  pack.entries[0].op = PCD_OP_DILATED_STACK;
  pack.entries[0].dtype = dtype;
  pack.entries[0].channels = static_cast<int32_t>(c);
  pack.entries[0].blocks = 1;
  pack.entries[0].parameters = d.parameters;
  d.packed = pack.entries[0].packed = device.sized(pcd_pack_size, pack.entries[0]);
  device.check(pcd_pack(device.stream(), &pack));
  d.output = device.tensor({batch, kLength, c}, dtype);
  d.output_grad = device.normal({batch, kLength, c}, dtype, 1);
  d.input_grad = device.tensor({batch, kLength, c}, dtype);
  d.parameter_grad = device.tensor({4 * c * c + 4 * c}, PCD_DTYPE_F32);
  d.saved = device.sized(pcd_dilated_stack_saved_size, d);
  d.workspace = device.sized(pcd_dilated_stack_workspace_size, d);
  return d;
}

void width(Device& device, const Options& options, int64_t c) {
  const int64_t rows = (int64_t{1} << static_cast<int>(options.number("--rows-log2"))) * 64 / c;
  const int32_t dilation = static_cast<int32_t>(options.number("--dilation"));
  std::vector<pcd_dilated_stack_desc> sets, inference;
  for (size_t i = 0; i < kSets; ++i) {
    sets.push_back(block(device, rows / kLength, c, options.dtype(), dilation));
    inference.push_back(sets.back());
    inference.back().flags = PCD_FLAG_INFERENCE;
  }
  const auto time = [&](const char* subject, const std::vector<pcd_dilated_stack_desc>& descs,
                        int32_t (*op)(pcd_stream*, const pcd_dilated_stack_desc*)) {
    char head[400];
    std::snprintf(head, sizeof head,
                  "\"subject\": \"%s\", \"variant\": \"precordia\", \"precision\": \"%s\", \"shape\": {\"width\": "
                  "%lld, \"rows\": %lld, \"length\": %lld, \"dilation\": %d}",
                  subject, options.text("--precision").c_str(), static_cast<long long>(c),
                  static_cast<long long>(rows), static_cast<long long>(kLength), dilation);
    const Timing timing =
        measure(device.context(), device.stream(), Issue::graph, kCalls, options.number("--seconds"),
                [&](int i) { return op(device.stream(), &descs[static_cast<size_t>(i) % kSets]); });
    print_measurement(head, timing, timing.median * 1e6 / static_cast<double>(rows), "ns/row", "");
  };
  time("block forward", inference, pcd_dilated_stack_forward);
  time("block forward, saving for backward", sets, pcd_dilated_stack_forward);
  time("block backward", sets, pcd_dilated_stack_backward);
  device.clear();
}

}  // namespace

int main(int argc, char** argv) {
  const Options options("blocks",
                        {{"--backend", "cuda"}, {"--precision", "bf16"}, {"--widths", "64,128,256"},
                         {"--seconds", "0.3"}, {"--rows-log2", "21"}, {"--dilation", "4"}},
                        argc, argv);
  try {
    Device device(options.backend());
    for (const int64_t c : options.list("--widths")) width(device, options, c);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "blocks: %s\n", error.what());
    return 1;
  }
  return 0;
}
