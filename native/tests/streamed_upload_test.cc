// SPDX-License-Identifier: Apache-2.0
//
// Uploads beside the work: batches go through two pinned buffers and two staging buffers, on a stream of their own, to
// a graph for each staging buffer. Every batch must arrive whole, although the graphs are made slow, the host writes
// over a pinned buffer as soon as its upload has happened, and an upload over a staging buffer as soon as it was read.
#include <memory>

#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int64_t kBatches = 24, kValues = 1 << 14;
constexpr int kBusyOps = 8;

float value_of(int64_t batch, int64_t i) { return static_cast<float>(batch * 1000 + i % 977); }

// Destroys what it owns through the ABI, before the device.
template <typename Handle>
using Owned = std::unique_ptr<Handle, int32_t (*)(Handle*)>;

struct Slot {
  Owned<pcd_buffer> pinned{nullptr, pcd_buffer_destroy};
  Owned<pcd_event> uploaded{nullptr, pcd_event_destroy};
  Owned<pcd_event> read{nullptr, pcd_event_destroy};
  Owned<pcd_graph> graph{nullptr, pcd_graph_destroy};
  pcd_copy_desc upload = descriptor<pcd_copy_desc>();
};

pcd_tensor row_of(const pcd_tensor& rows, int64_t i) {
  pcd_tensor row = rows;
  row.offset += static_cast<uint64_t>(i * kValues) * sizeof(float);
  row.shape[0] = 1;
  return row;
}

Outputs run(Device& device) {
  pcd_stream* made = nullptr;
  device.check(pcd_stream_create(device.context(), &made));
  const Owned<pcd_stream> uploads(made, pcd_stream_destroy);
  const pcd_tensor result = device.output({kBatches, kValues}), work = device.output({1, kValues});
  auto busy = descriptor<pcd_fill_desc>();
  // Only where work runs beside the host is there something to be late for.
  busy.tensor = device.output({device.options().backend == PCD_BACKEND_CUDA ? 1 << 22 : 1 << 8});
  Slot slots[2];
  for (Slot& slot : slots) {
    pcd_buffer* buffer = nullptr;
    device.check(pcd_buffer_create(uploads.get(), kValues * sizeof(float), PCD_MEMORY_HOST, &buffer));
    slot.pinned.reset(buffer);
    for (Owned<pcd_event>* event : {&slot.uploaded, &slot.read}) {
      pcd_event* recorded = nullptr;
      device.check(pcd_event_create(device.context(), &recorded));
      event->reset(recorded);
    }
    slot.upload.target = device.output({1, kValues});
    slot.upload.source = slot.upload.target;
    slot.upload.source.buffer = buffer;
    slot.upload.source.offset = 0;
    auto step = descriptor<pcd_copy_desc>();
    step.source = slot.upload.target;
    step.target = work;
    pcd_graph* graph = nullptr;
    device.check(pcd_graph_begin(device.stream()));
    for (int i = 0; i < kBusyOps; ++i) device.check(pcd_fill(device.stream(), &busy));
    device.check(pcd_copy(device.stream(), &step));
    device.check(pcd_graph_end(device.stream(), &graph));
    slot.graph.reset(graph);
  }
  for (int64_t batch = 0; batch < kBatches; ++batch) {
    Slot& slot = slots[batch % 2];
    if (batch >= 2) device.check(pcd_event_synchronize(slot.uploaded.get()));
    auto* const values = static_cast<float*>(pcd_buffer_data(slot.pinned.get()));
    for (int64_t i = 0; i < kValues; ++i) values[i] = value_of(batch, i);
    if (batch >= 2) device.check(pcd_event_wait(slot.read.get(), uploads.get()));
    device.check(pcd_copy(uploads.get(), &slot.upload));
    device.check(pcd_event_record(slot.uploaded.get(), uploads.get()));
    device.check(pcd_event_wait(slot.uploaded.get(), device.stream()));
    device.check(pcd_graph_launch(slot.graph.get(), device.stream()));
    device.check(pcd_event_record(slot.read.get(), device.stream()));
    auto keep = descriptor<pcd_copy_desc>();
    keep.source = work;
    keep.target = row_of(result, batch);
    device.check(pcd_copy(device.stream(), &keep));
  }
  device.check(pcd_stream_synchronize(uploads.get()));
  device.check(pcd_stream_synchronize(device.stream()));
  return {make_output("batches", device.read(result), Kind::exact)};
}

}  // namespace

int main() {
  Suite suite("streamed_upload");
  std::vector<float> expected;
  for (int64_t batch = 0; batch < kBatches; ++batch) {
    for (int64_t i = 0; i < kValues; ++i) expected.push_back(value_of(batch, i));
  }
  const Outputs outputs{make_output("batches", expected, Kind::exact)};
  suite.check_outputs("24 batches through two slots", run, outputs, outputs, kSingle);
  return suite.finish();
}
