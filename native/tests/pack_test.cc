// SPDX-License-Identifier: Apache-2.0
//
// pack on every backend: many entries in one call leave what single calls leave, an op gives the same result
// with either, and packing again after an update makes the update count.
#include "reference/dilated_stack.h"
#include "reference/stem.h"
#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int64_t kBatch = 2, kLength = 31, kChannels = 20, kLeads = 3;
const std::vector<int32_t> kDilations{1, 4};

struct Data {
  reference::StemShape stem{kBatch, kLength, kLeads, kChannels};
  reference::DilatedStackShape stack{kBatch, kLength, kChannels, kDilations};
  std::vector<float> input, stem_parameters[2], stack_parameters[2];  // before and after an update

  Data() {
    Random random(9);
    input = random.normals(kBatch * kLength * kLeads);
    for (auto& p : stem_parameters) p = random.normals(stem.parameters(), 0.2);
    for (auto& p : stack_parameters) p = random.normals(stack.parameters(), 0.15);
  }
};

pcd_pack_entry entry_of(int32_t op, int64_t channels, int64_t leads, int64_t blocks,
                        const pcd_tensor& parameters) {
  pcd_pack_entry entry{};
  entry.op = op;
  entry.dtype = PCD_DTYPE_F32;
  entry.channels = static_cast<int32_t>(channels);
  entry.leads = static_cast<int32_t>(leads);
  entry.blocks = static_cast<int32_t>(blocks);
  entry.parameters = parameters;
  return entry;
}

// stem, then the stack.
std::vector<double> network(Device& device, const Data& data, const pcd_pack_entry& stem,
                            const pcd_pack_entry& stack) {
  auto first = descriptor<pcd_stem_desc>();
  first.input = device.input(data.input, {kBatch, kLength, kLeads});
  first.parameters = stem.parameters;
  first.packed = stem.packed;
  first.output = device.output({kBatch, kLength, kChannels});
  first.workspace = device.workspace(pcd_stem_workspace_size, first);
  device.call(pcd_stem_forward, first);
  auto second = descriptor<pcd_dilated_stack_desc>();
  second.flags = PCD_FLAG_INFERENCE;
  second.blocks = static_cast<int32_t>(kDilations.size());
  std::copy(kDilations.begin(), kDilations.end(), second.dilations);
  second.input = first.output;
  second.parameters = stack.parameters;
  second.packed = stack.packed;
  second.output = device.output({kBatch, kLength, kChannels});
  second.workspace = device.workspace(pcd_dilated_stack_workspace_size, second);
  device.call(pcd_dilated_stack_forward, second);
  return device.read(second.output);
}

Outputs run(Device& device, const Data& data) {
  Outputs outputs;
  pcd_pack_entry stem = entry_of(PCD_OP_STEM, kChannels, kLeads, 0,
                                 device.inout(data.stem_parameters[0], {data.stem.parameters()}));
  pcd_pack_entry stack = entry_of(PCD_OP_DILATED_STACK, kChannels, 0, 2,
                                  device.inout(data.stack_parameters[0], {data.stack.parameters()}));
  stem.packed = device.pack(PCD_OP_STEM, PCD_DTYPE_F32, kChannels, kLeads, 0, stem.parameters);
  stack.packed = device.pack(PCD_OP_DILATED_STACK, PCD_DTYPE_F32, kChannels, 0, 2, stack.parameters);
  outputs.push_back(make_output("one by one", network(device, data, stem, stack)));

  // The full table: both again, in memory of their own, among other ops.
  auto desc = descriptor<pcd_pack_desc>();
  Random random(10);
  const auto other = [&](int32_t op, int64_t leads, int64_t count) {
    return entry_of(op, kChannels, leads, 0, device.input(random.normals(count), {count}));
  };
  const int64_t C = kChannels;
  desc.entries[0] = other(PCD_OP_FILM, 0, 2 * C * C + 2 * C);
  desc.entries[1] = stem;
  desc.entries[2] = other(PCD_OP_POOL_PROJECT, 128, 3 * C + C * C + 128 * C + 128);
  desc.entries[3] = other(PCD_OP_HEAD, 5, 2 * C + 5 * C + 5);
  desc.entries[4] = stack;
  desc.entries[5] = other(PCD_OP_CLASSIFIER, 71, 71 * C + 71);
  for (int i = 6; i < 16; ++i) desc.entries[i] = other(PCD_OP_STEM, kLeads, data.stem.parameters());
  desc.count = 16;
  for (pcd_pack_entry& entry : desc.entries) {
    uint64_t bytes = 0;
    device.check(pcd_pack_size(device.context(), &entry, &bytes));
    entry.packed = device.bytes(bytes);
  }
  device.call(pcd_pack, desc);
  outputs.push_back(make_output("all at once", network(device, data, desc.entries[1], desc.entries[4])));

  // An update of the parameters, then the same descriptor again.
  for (const auto& [tensor, values] :
       {std::pair<pcd_tensor, const std::vector<float>*>{stem.parameters, &data.stem_parameters[1]},
        {stack.parameters, &data.stack_parameters[1]}}) {
    device.check(pcd_upload(device.stream(), values->data(), 4 * values->size(), &tensor));
  }
  device.call(pcd_pack, desc);
  outputs.push_back(make_output("after an update", network(device, data, desc.entries[1], desc.entries[4])));
  return outputs;
}

template <typename T>
Outputs expected(T, const Data& data) {
  Outputs outputs;
  for (const auto& [name, version] :
       {std::pair<const char*, int>{"one by one", 0}, {"all at once", 0}, {"after an update", 1}}) {
    const auto stem =
        reference::stem_forward(data.stem, convert<T>(data.input), convert<T>(data.stem_parameters[version]));
    outputs.push_back(make_output(name, reference::dilated_stack_forward(
                                            data.stack, stem, convert<T>(data.stack_parameters[version]))));
  }
  return outputs;
}

}  // namespace

int main() {
  Suite suite("pack");
  const Data data;
  suite.check(
      "stem and stack", [&](Device& device) { return run(device, data); },
      [&](auto type) { return expected(type, data); });
  return suite.finish();
}
