// SPDX-License-Identifier: Apache-2.0
//
// Traces on a backend that executes at the call: what is kept, in which order, and what is lost.
#include <vector>

#include "core_descriptors.h"

using namespace pcd::test;

namespace {

void start(const Session& session, uint64_t capacity = 0) {
  auto desc = sized<pcd_trace_desc>();
  desc.capacity = capacity;
  session.require(pcd_trace_start(session.context, &desc));
}

std::vector<pcd_trace_event> read(const Session& session, uint64_t* dropped = nullptr, uint64_t at_once = 64) {
  std::vector<pcd_trace_event> all;
  for (;;) {
    std::vector<pcd_trace_event> part(at_once);
    uint64_t count = 0;
    session.require(pcd_trace_read(session.context, part.data(), at_once, &count, dropped));
    all.insert(all.end(), part.begin(), part.begin() + static_cast<int64_t>(count));
    if (count < at_once) return all;
  }
}

pcd_fill_desc fill_of(Session& session) {
  auto desc = sized<pcd_fill_desc>();
  desc.tensor = session.tensor(PCD_DTYPE_F32, {3, 5});
  return desc;
}

}  // namespace

TEST(calls_become_events_in_order) {
  Session session;
  const pcd_fill_desc fill = fill_of(session);
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_OK);  // before the trace
  const int64_t before = pcd_trace_clock();
  start(session);
  const std::vector<float> values(15, 1.0f);
  session.write(fill.tensor, values);
  session.require(pcd_fill(session.stream, &fill));
  session.read<float>(fill.tensor, 15);
  session.require(pcd_stream_synchronize(session.stream));
  const int64_t after = pcd_trace_clock();
  uint64_t dropped = 1;
  const auto events = read(session, &dropped);
  REQUIRE(events.size() == 4);
  CHECK_EQ(dropped, 0u);
  const int32_t kinds[] = {PCD_TRACE_UPLOAD, PCD_TRACE_OP, PCD_TRACE_DOWNLOAD, PCD_TRACE_WAIT};
  const char* const names[] = {"upload", "fill", "download", "stream_synchronize"};
  int64_t at = before;
  for (size_t i = 0; i < 4; ++i) {
    CHECK_EQ(events[i].kind, kinds[i]);
    CHECK_EQ(std::string(events[i].name), names[i]);
    CHECK_EQ(events[i].stream, 1);
    CHECK(at <= events[i].begin && events[i].begin <= events[i].end);
    at = events[i].end;
  }
  CHECK(at <= after);
  CHECK_EQ(events[0].bytes, 60u);
  CHECK_EQ(events[1].bytes, 60u);
  CHECK_EQ(events[1].dtype, PCD_DTYPE_F32);
  CHECK_EQ(events[1].rank, 2);
  CHECK_EQ(events[1].shape[0], 3);
  CHECK_EQ(events[1].shape[1], 5);
  CHECK_EQ(events[3].dtype, -1);
  CHECK(read(session).empty());  // each once
}

TEST(a_replay_has_its_ops_inside) {
  Session session;
  const pcd_fill_desc fill = fill_of(session);
  pcd_graph* graph = nullptr;
  start(session);
  session.require(pcd_graph_begin(session.stream));
  for (int i = 0; i < 3; ++i) session.require(pcd_fill(session.stream, &fill));
  session.require(pcd_graph_end(session.stream, &graph));
  CHECK(read(session).empty());  // recorded, not run
  session.require(pcd_graph_launch(graph, session.stream));
  const auto events = read(session, nullptr, 1);
  REQUIRE(events.size() == 4);
  CHECK_EQ(events[0].kind, PCD_TRACE_GRAPH);
  int64_t at = events[0].begin;
  for (size_t i = 1; i < 4; ++i) {
    CHECK_EQ(events[i].kind, PCD_TRACE_OP);
    CHECK_EQ(events[i].bytes, 60u);
    CHECK(at <= events[i].begin && events[i].begin <= events[i].end);
    at = events[i].end;
  }
  CHECK(at <= events[0].end);
  session.require(pcd_graph_destroy(graph));
}

TEST(every_op_has_its_name_bytes_and_work) {
  Session session;
  Descriptors descriptors(session);
  start(session);
  const auto only = [&](Invocation invocation) {
    if (invocation.call() != PCD_OK) fail(session.message());
    const auto events = read(session);
    REQUIRE(events.size() == 1);
    return events[0];
  };
  {
    Invocation stack = descriptors.dilated_stack(false);
    const auto* const d = static_cast<pcd_dilated_stack_desc*>(stack.storage.get());
    const auto& shape = d->input.shape;
    const double forward = 8.0 * static_cast<double>(shape[0] * shape[1] * shape[2] * shape[2]) * d->blocks;
    const pcd_trace_event event = only(std::move(stack));
    CHECK_EQ(std::string(event.name), "dilated_stack_forward");
    CHECK_EQ(event.operations, forward);
    CHECK_EQ(event.rank, 3);
    CHECK(event.bytes > 0);
    CHECK_EQ(only(descriptors.dilated_stack(true)).operations, 2 * forward);
  }
  {
    Invocation supcon = descriptors.supcon(false);
    const auto* const d = static_cast<pcd_supcon_desc*>(supcon.storage.get());
    const double rows = static_cast<double>(d->row_end - d->row_begin);
    const double expected = 2 * rows * static_cast<double>(d->z.shape[0] * d->z.shape[1]);
    CHECK_EQ(only(std::move(supcon)).operations, expected);
  }
  const pcd_trace_event step = only(descriptors.step_begin());
  CHECK_EQ(std::string(step.name), "step_begin");
  CHECK_EQ(step.operations, 0.0);
  CHECK_EQ(step.dtype, -1);
}

TEST(a_refused_op_is_not_kept) {
  Session session;
  pcd_fill_desc fill = fill_of(session);
  start(session);
  fill.flags = 0x80000000u;
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_ERROR_ARGUMENT);
  CHECK(read(session).empty());  // it never reached the backend
}

TEST(what_does_not_fit_is_dropped_and_counted) {
  Session session;
  const pcd_fill_desc fill = fill_of(session);
  start(session, 4);
  for (int i = 0; i < 10; ++i) session.require(pcd_fill(session.stream, &fill));
  uint64_t dropped = 0;
  CHECK_EQ(read(session, &dropped).size(), 4u);
  CHECK_EQ(dropped, 6u);
  session.require(pcd_fill(session.stream, &fill));  // there is room again
  CHECK_EQ(read(session, &dropped).size(), 1u);
  CHECK_EQ(dropped, 6u);
  session.require(pcd_trace_stop(session.context));
  start(session, 4);
  CHECK(read(session, &dropped).empty());
  CHECK_EQ(dropped, 0u);
}

TEST(a_stopped_trace_is_readable_and_hears_no_more) {
  Session session;
  const pcd_fill_desc fill = fill_of(session);
  session.require(pcd_trace_stop(session.context));  // without one
  start(session);
  session.require(pcd_fill(session.stream, &fill));
  session.require(pcd_trace_stop(session.context));
  session.require(pcd_fill(session.stream, &fill));
  CHECK_EQ(read(session).size(), 1u);
}

TEST(bad_arguments_of_traces) {
  Session session;
  auto desc = sized<pcd_trace_desc>();
  CHECK_EQ(pcd_trace_start(session.context, nullptr), PCD_ERROR_ARGUMENT);
  desc.flags = 2;
  CHECK_EQ(pcd_trace_start(session.context, &desc), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "flags is 0x2");
  desc.flags = PCD_TRACE_FLAG_DEVICE;
  CHECK_EQ(pcd_trace_start(session.context, &desc), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(session.message(), "no activities of a device");
  desc.flags = 0;
  desc.capacity = uint64_t{1} << 40;
  CHECK_EQ(pcd_trace_start(session.context, &desc), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "capacity is 1099511627776");
  start(session);
  desc.capacity = 0;
  CHECK_EQ(pcd_trace_start(session.context, &desc), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "a trace is on already");
  uint64_t count = 1;
  CHECK_EQ(pcd_trace_read(session.context, nullptr, 1, &count, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(count, 0u);
  CHECK_EQ(pcd_trace_read(session.context, nullptr, 0, &count, nullptr), PCD_OK);
  CHECK_EQ(pcd_trace_read(session.context, nullptr, 0, nullptr, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_trace_read(nullptr, nullptr, 0, &count, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_trace_stop(nullptr), PCD_ERROR_ARGUMENT);
}

TEST_MAIN
