// SPDX-License-Identifier: Apache-2.0
//
// Recording and replay on a backend that executes at the call.
#include "core_support.h"

using namespace pcd::test;

namespace {

pcd_step_begin_desc step_of(const pcd_tensor& state) {
  auto desc = sized<pcd_step_begin_desc>();
  desc.schedule = PCD_SCHEDULE_ONE_CYCLE;
  desc.peak = 1e-3f;
  desc.warmup = 3;
  desc.total = 10;
  desc.batch = 128;
  desc.beta1 = 0.9;
  desc.beta2 = 0.999;
  desc.state = state;
  return desc;
}

pcd_tensor state_of(Session& session) {
  pcd_step_state state;
  std::memset(&state, 0, sizeof state);
  state.cursor = 0 - uint64_t{128};
  state.beta1_power = state.beta2_power = 1;
  state.rate_scale = 1;
  const pcd_tensor tensor = session.tensor(PCD_DTYPE_U8, {static_cast<int64_t>(sizeof state)});
  session.require(pcd_upload(session.stream, &state, sizeof state, &tensor));
  return tensor;
}

pcd_step_state read_state(const Session& session, const pcd_tensor& tensor) {
  pcd_step_state state;
  session.require(pcd_download(session.stream, &tensor, &state, sizeof state));
  return state;
}

}  // namespace

TEST(one_graph_replays_for_a_whole_run) {
  Session session;
  const pcd_tensor recorded = state_of(session), direct = state_of(session);
  auto step = step_of(recorded);
  auto metrics = sized<pcd_metrics_desc>();
  metrics.state = recorded;
  metrics.ring = session.tensor(PCD_DTYPE_U8, {4, static_cast<int64_t>(sizeof(pcd_metrics_row))});
  pcd_graph* graph = nullptr;
  session.require(pcd_graph_begin(session.stream));
  session.require(pcd_step_begin(session.stream, &step));
  session.require(pcd_metrics(session.stream, &metrics));
  // Descriptors were copied at the call.
  std::memset(static_cast<void*>(&step), 0xEE, sizeof step);
  std::memset(static_cast<void*>(&metrics.state), 0xEE, sizeof metrics.state);
  session.require(pcd_graph_end(session.stream, &graph));
  int64_t ops = 0;
  session.require(pcd_graph_size(graph, &ops));
  CHECK_EQ(ops, 2);
  CHECK_EQ(read_state(session, recorded).step, 0u);  // recorded, not run

  const auto same = step_of(direct);
  for (int i = 0; i < 6; ++i) {
    session.require(pcd_graph_launch(graph, session.stream));
    session.require(pcd_step_begin(session.stream, &same));
  }
  const pcd_step_state a = read_state(session, recorded), b = read_state(session, direct);
  CHECK_EQ(a.step, 6u);
  CHECK_EQ(a.cursor, 5u * 128u);
  CHECK(std::memcmp(&a, &b, sizeof a) == 0);
  const auto rows = session.read<pcd_metrics_row>(metrics.ring, 4);
  CHECK_EQ(rows[5 % 4].step, 6u);
  CHECK_EQ(rows[2].step, 3u);
  CHECK_EQ(rows[5 % 4].rate, a.rate);
  session.require(pcd_graph_destroy(graph));
}

TEST(a_graph_holds_its_buffers) {
  Session session;
  pcd_buffer* buffer = nullptr;
  session.require(pcd_buffer_create(session.stream, 64, PCD_MEMORY_DEVICE, &buffer));
  const pcd_tensor target = session.tensor(PCD_DTYPE_F32, {16});
  auto fill = sized<pcd_fill_desc>();
  fill.value = 7;
  fill.tensor = target;
  fill.tensor.buffer = buffer;
  auto copy = sized<pcd_copy_desc>();
  copy.source = fill.tensor;
  copy.target = target;
  pcd_graph* graph = nullptr;
  session.require(pcd_graph_begin(session.stream));
  session.require(pcd_fill(session.stream, &fill));
  session.require(pcd_copy(session.stream, &copy));
  session.require(pcd_graph_end(session.stream, &graph));
  session.require(pcd_buffer_destroy(buffer));
  CHECK_EQ(session.memory().buffers, 2u);
  session.require(pcd_graph_launch(graph, session.stream));
  CHECK((session.read<float>(target, 16) == std::vector<float>(16, 7)));
  session.require(pcd_graph_destroy(graph));
  CHECK_EQ(session.memory().buffers, 1u);
  CHECK_EQ(session.memory().cached, 256u);
  CHECK_EQ(pcd_graph_launch(graph, session.stream), PCD_ERROR_ARGUMENT);
}

TEST(what_a_recording_refuses) {
  Session session;
  pcd_stream* other = nullptr;
  pcd_event* event = nullptr;
  pcd_buffer* buffer = nullptr;
  pcd_graph *graph = nullptr, *second = nullptr;
  session.require(pcd_stream_create(session.context, &other));
  session.require(pcd_event_create(session.context, &event));
  const pcd_tensor tensor = session.tensor(PCD_DTYPE_F32, {1});
  const float value = 1;
  float out = 0;
  CHECK_EQ(pcd_graph_end(session.stream, &graph), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "not recording");
  session.require(pcd_graph_begin(other));
  session.require(pcd_graph_end(other, &second));

  session.require(pcd_graph_begin(session.stream));
  CHECK_EQ(pcd_graph_begin(session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_upload(session.stream, &value, 4, &tensor), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "pcd_upload: the stream is recording a graph");
  CHECK_EQ(pcd_download(session.stream, &tensor, &out, 4), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_create(session.stream, 4, PCD_MEMORY_DEVICE, &buffer), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_stream_synchronize(session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_event_record(event, session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_event_wait(event, session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_graph_launch(second, session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_stream_destroy(session.stream), PCD_ERROR_ARGUMENT);
  session.require(pcd_upload(other, &value, 4, &tensor));  // another stream goes on
  session.require(pcd_graph_end(session.stream, &graph));
  int64_t ops = -1;
  session.require(pcd_graph_size(graph, &ops));
  CHECK_EQ(ops, 0);
  session.require(pcd_graph_launch(graph, session.stream));
  session.require(pcd_graph_destroy(graph));
  session.require(pcd_graph_destroy(second));
  session.require(pcd_event_destroy(event));
  session.require(pcd_stream_destroy(other));
}

TEST(an_op_that_fails_fails_the_graph) {
  Session session;
  auto fill = sized<pcd_fill_desc>();
  fill.tensor = session.tensor(PCD_DTYPE_F32, {4});
  pcd_graph* graph = nullptr;
  session.require(pcd_graph_begin(session.stream));
  session.require(pcd_fill(session.stream, &fill));
  fill.flags = 64;
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_ERROR_ARGUMENT);
  fill.flags = 0;
  session.require(pcd_fill(session.stream, &fill));
  CHECK_EQ(pcd_graph_end(session.stream, &graph), PCD_ERROR_ARGUMENT);
  CHECK(graph == nullptr);
  CHECK_CONTAINS(session.message(), "an op failed while recording: fill: flags is 0x40");
  // The stream is itself again, and nothing holds the buffer.
  session.require(pcd_fill(session.stream, &fill));
  session.require(pcd_graph_begin(session.stream));
  session.require(pcd_graph_end(session.stream, &graph));
  session.require(pcd_graph_destroy(graph));
}

TEST(collectives_are_recorded) {
  Session session;
  pcd_communicator* communicator = nullptr;
  auto desc = sized<pcd_communicator_desc>();
  desc.ranks = 1;
  session.require(pcd_communicator_create(session.context, &desc, &communicator));
  const pcd_tensor source = session.tensor(PCD_DTYPE_F32, {2}), target = session.tensor(PCD_DTYPE_F32, {2});
  pcd_graph* graph = nullptr;
  session.require(pcd_graph_begin(session.stream));
  session.require(pcd_all_reduce(communicator, session.stream, &source));
  session.require(pcd_all_gather(communicator, session.stream, &source, &target));
  session.require(pcd_graph_end(session.stream, &graph));
  int64_t ops = 0;
  session.require(pcd_graph_size(graph, &ops));
  CHECK_EQ(ops, 1);  // the sum over one rank is nothing to do
  session.write(source, std::vector<float>{5, 6});
  CHECK((session.read<float>(target, 2) == std::vector<float>{0, 0}));
  session.require(pcd_graph_launch(graph, session.stream));
  CHECK((session.read<float>(target, 2) == std::vector<float>{5, 6}));
  session.require(pcd_graph_destroy(graph));
  session.require(pcd_communicator_destroy(communicator));
}

TEST_MAIN
