// SPDX-License-Identifier: Apache-2.0
//
// Life cycles of handles, and misuse: a wrong order, a destroyed handle, a handle of another context or thread is an
// error with a sentence and never a crash.
#include <atomic>
#include <thread>

#include "core_support.h"

using namespace pcd::test;

TEST(creators_explain_themselves) {
  char message[256] = "";
  pcd_context* context = nullptr;
  auto desc = sized<pcd_context_desc>();

  CHECK_EQ(pcd_context_create(nullptr, &context, message, sizeof message), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(message, "NULL");
  desc.backend = 9;
  CHECK_EQ(pcd_context_create(&desc, &context, message, sizeof message), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(message, "backend is 9");
  desc.backend = PCD_BACKEND_CPU;
  desc.device = 1;
  CHECK_EQ(pcd_context_create(&desc, &context, message, sizeof message), PCD_ERROR_NO_DEVICE);
  CHECK_CONTAINS(message, "device is 1");
  desc.device = 0;
  desc.threads = -2;
  CHECK_EQ(pcd_context_create(&desc, &context, message, sizeof message), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(message, "threads is -2");
  desc.threads = 1;
  std::strcpy(desc.instruction_set, "vax");
  CHECK_EQ(pcd_context_create(&desc, &context, message, sizeof message), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(message, "vax");
  CHECK(context == nullptr);

  // A short array gets a NUL-terminated beginning; none at all is fine.
  char little[8] = "xxxxxxx";
  CHECK_EQ(pcd_context_create(nullptr, &context, little, sizeof little), PCD_ERROR_ARGUMENT);
  CHECK_EQ(std::strlen(little), 7u);
  CHECK_EQ(pcd_context_create(nullptr, &context, nullptr, 0), PCD_ERROR_ARGUMENT);
}

TEST(a_sentence_is_cut_between_characters) {
  // "pcd_context_create: ..." is ASCII, so the cut is tried on an op's formula, whose sign for a product has two bytes.
  Session session;
  char message[64];
  auto info = sized<pcd_device_info>();
  for (size_t capacity = 1; capacity < sizeof message; ++capacity) {
    std::memset(message, 'x', sizeof message);
    CHECK_EQ(pcd_device_query(PCD_BACKEND_CPU, 7, &info, message, capacity), PCD_ERROR_NO_DEVICE);
    CHECK(std::strlen(message) < capacity);
  }
}

TEST(null_handles_are_errors_and_destroying_null_is_not) {
  CHECK_EQ(pcd_context_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_buffer_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_stream_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_event_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_graph_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_communicator_destroy(nullptr), PCD_OK);
  CHECK_EQ(pcd_stream_create(nullptr, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_stream_synchronize(nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_fill(nullptr, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_size(nullptr), 0u);
  CHECK(pcd_buffer_data(nullptr) == nullptr);
  CHECK_CONTAINS(pcd_context_message(nullptr), "NULL");
  Session session;
  CHECK_EQ(pcd_fill(session.stream, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "fill: the structure is NULL");
  CHECK_EQ(pcd_stream_create(session.context, nullptr), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_create(session.stream, 16, PCD_MEMORY_DEVICE, nullptr), PCD_ERROR_ARGUMENT);
}

TEST(a_context_with_children_stays) {
  auto desc = sized<pcd_context_desc>();
  desc.threads = 1;
  pcd_context* context = nullptr;
  pcd_stream* stream = nullptr;
  pcd_buffer* buffer = nullptr;
  pcd_event* event = nullptr;
  pcd_graph* graph = nullptr;
  pcd_communicator* communicator = nullptr;
  auto single = sized<pcd_communicator_desc>();
  single.ranks = 1;
  REQUIRE(pcd_context_create(&desc, &context, nullptr, 0) == PCD_OK);
  REQUIRE(pcd_stream_create(context, &stream) == PCD_OK);
  REQUIRE(pcd_buffer_create(stream, 100, PCD_MEMORY_HOST, &buffer) == PCD_OK);
  REQUIRE(pcd_event_create(context, &event) == PCD_OK);
  REQUIRE(pcd_graph_begin(stream) == PCD_OK);
  REQUIRE(pcd_graph_end(stream, &graph) == PCD_OK);
  REQUIRE(pcd_communicator_create(context, &single, &communicator) == PCD_OK);

  CHECK_EQ(pcd_context_destroy(context), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(pcd_context_message(context), "1 buffers");
  CHECK_CONTAINS(pcd_context_message(context), "1 streams");
  CHECK_CONTAINS(pcd_context_message(context), "1 events");
  CHECK_CONTAINS(pcd_context_message(context), "1 graphs");
  CHECK_CONTAINS(pcd_context_message(context), "1 communicators");

  // The stream may go before what was made on it.
  CHECK_EQ(pcd_stream_destroy(stream), PCD_OK);
  CHECK_EQ(pcd_buffer_size(buffer), 100u);
  CHECK_EQ(pcd_buffer_destroy(buffer), PCD_OK);
  CHECK_EQ(pcd_event_destroy(event), PCD_OK);
  CHECK_EQ(pcd_graph_destroy(graph), PCD_OK);
  CHECK_EQ(pcd_communicator_destroy(communicator), PCD_OK);
  CHECK_EQ(pcd_context_destroy(context), PCD_OK);
  CHECK_EQ(pcd_context_destroy(context), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(pcd_context_message(context), "destroyed");
}

TEST(use_after_destroy_is_an_error) {
  Session session;
  pcd_stream* stream = nullptr;
  pcd_event* event = nullptr;
  pcd_buffer* buffer = nullptr;
  session.require(pcd_stream_create(session.context, &stream));
  session.require(pcd_event_create(session.context, &event));
  session.require(pcd_buffer_create(session.stream, 64, PCD_MEMORY_DEVICE, &buffer));
  session.require(pcd_stream_destroy(stream));
  session.require(pcd_event_destroy(event));
  session.require(pcd_buffer_destroy(buffer));

  CHECK_EQ(pcd_stream_destroy(stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_stream_synchronize(stream), PCD_ERROR_ARGUMENT);
  CHECK(pcd_stream_native_handle(stream) == nullptr);
  CHECK_EQ(pcd_event_record(event, session.stream), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_destroy(buffer), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_size(buffer), 0u);
  auto fill = sized<pcd_fill_desc>();
  fill.tensor.buffer = buffer;
  fill.tensor.rank = 1;
  fill.tensor.shape[0] = 4;
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "fill: tensor: its buffer was destroyed");

  // A handle of another kind is not followed either.
  CHECK_EQ(pcd_stream_synchronize(reinterpret_cast<pcd_stream*>(session.context)), PCD_ERROR_ARGUMENT);
}

TEST(contexts_do_not_mix) {
  Session mine, other;
  pcd_event* event = nullptr;
  mine.require(pcd_event_create(mine.context, &event));
  CHECK_EQ(pcd_event_record(event, other.stream), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(mine.message(), "another context");
  mine.require(pcd_event_destroy(event));
  auto fill = sized<pcd_fill_desc>();
  fill.tensor = other.tensor(PCD_DTYPE_F32, {4});
  CHECK_EQ(pcd_fill(mine.stream, &fill), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(mine.message(), "tensor: its buffer belongs to another context");
}

TEST(the_sentence_goes_with_the_next_success) {
  Session session;
  CHECK_EQ(pcd_fill(session.stream, nullptr), PCD_ERROR_ARGUMENT);
  CHECK(!session.message().empty());
  session.require(pcd_stream_synchronize(session.stream));
  CHECK_EQ(session.message(), "");
}

TEST(events_measure) {
  Session session;
  pcd_event *begin = nullptr, *end = nullptr;
  double milliseconds = -1;
  session.require(pcd_event_create(session.context, &begin));
  session.require(pcd_event_create(session.context, &end));
  CHECK_EQ(pcd_event_elapsed(begin, end, &milliseconds), PCD_ERROR_ARGUMENT);
  CHECK(!session.message().empty());
  session.require(pcd_event_record(begin, session.stream));
  session.require(pcd_event_record(end, session.stream));
  session.require(pcd_event_wait(end, session.stream));
  session.require(pcd_event_synchronize(end));
  session.require(pcd_event_elapsed(begin, end, &milliseconds));
  CHECK(milliseconds >= 0);
  session.require(pcd_event_destroy(begin));
  session.require(pcd_event_destroy(end));
}

// Two threads on one context: calls that meet are refused, none crashes, and the others do their work.
TEST(a_second_thread_is_refused) {
  Session session;
  const pcd_tensor tensor = session.tensor(PCD_DTYPE_F32, {1 << 12});
  std::atomic<int> done{0}, refused{0}, wrong{0};
  const auto work = [&] {
    auto fill = sized<pcd_fill_desc>();
    fill.tensor = tensor;
    for (int i = 0; i < 2000; ++i) {
      const int32_t status = pcd_fill(session.stream, &fill);
      ++(status == PCD_OK ? done : status == PCD_ERROR_ARGUMENT ? refused : wrong);
    }
  };
  std::thread other(work);
  work();
  other.join();
  CHECK_EQ(wrong.load(), 0);
  CHECK_EQ(done.load() + refused.load(), 4000);
  CHECK(done.load() >= 2000 || refused.load() > 0);
  session.require(pcd_stream_synchronize(session.stream));
}

TEST(structures_of_other_ages) {
  Session session;
  // Shorter: the missing fields are zero, here the tensor, so the op finds it absent.
  auto fill = sized<pcd_fill_desc>();
  fill.tensor = session.tensor(PCD_DTYPE_F32, {4});
  fill.struct_size = offsetof(pcd_fill_desc, tensor);
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "fill: tensor is absent");
  // Longer with a tail of zeros: nothing that this library lacks.
  struct Newer {
    pcd_fill_desc fill;
    uint64_t more;
  } newer = {fill, 0};
  newer.fill.struct_size = sizeof newer;
  session.require(pcd_fill(session.stream, &newer.fill));
  newer.more = 1;
  CHECK_EQ(pcd_fill(session.stream, &newer.fill), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "newer version");
  fill.struct_size = 0;
  CHECK_EQ(pcd_fill(session.stream, &fill), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "struct_size is 0");
  // A query fills as far as the caller's structure reaches.
  auto info = sized<pcd_memory_info>();
  info.buffers = 77;
  info.struct_size = offsetof(pcd_memory_info, buffers);
  session.require(pcd_memory_query(session.context, &info));
  CHECK_EQ(info.buffers, 77u);
  CHECK_EQ(info.struct_size, offsetof(pcd_memory_info, buffers));
  CHECK(info.limit > 0);
}

TEST(names) {
  CHECK_EQ(std::string(pcd_status_name(PCD_OK)), "PCD_OK");
  CHECK_EQ(std::string(pcd_status_name(PCD_ERROR_NO_PLUGIN)), "PCD_ERROR_NO_PLUGIN");
  CHECK_EQ(std::string(pcd_status_name(99)), "unknown status");
  for (const char* key : {"version: ", "\nabi: 1", "\nbuild: ", "\ncommit: ", "\ncompiler: ", "\ninstruction-sets: "}) {
    CHECK_CONTAINS(pcd_build_info(), key);
  }
}

TEST(communicator_of_one_rank) {
  Session session;
  pcd_communicator* communicator = nullptr;
  auto desc = sized<pcd_communicator_desc>();
  desc.kind = PCD_COMMUNICATOR_NCCL;
  desc.ranks = 1;
  CHECK_EQ(pcd_communicator_create(session.context, &desc, &communicator), PCD_ERROR_UNSUPPORTED);
  CHECK_CONTAINS(session.message(), "NCCL");
  desc.kind = PCD_COMMUNICATOR_SINGLE;
  desc.ranks = 2;
  CHECK_EQ(pcd_communicator_create(session.context, &desc, &communicator), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "0 of 2");
  desc.ranks = 1;
  session.require(pcd_communicator_create(session.context, &desc, &communicator));

  const pcd_tensor source = session.tensor(PCD_DTYPE_F32, {2, 3}), target = session.tensor(PCD_DTYPE_F32, {6});
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  session.write(source, values);
  session.require(pcd_all_reduce(communicator, session.stream, &source));
  CHECK(session.read<float>(source, 6) == values);
  session.require(pcd_all_gather(communicator, session.stream, &source, &target));
  CHECK(session.read<float>(target, 6) == values);
  session.require(pcd_all_gather(communicator, session.stream, &source, &source));
  session.write(target, std::vector<float>(6, 0));
  session.require(pcd_reduce_scatter(communicator, session.stream, &source, &target));
  CHECK(session.read<float>(target, 6) == values);
  session.require(pcd_broadcast(communicator, session.stream, &source, 0));
  CHECK_EQ(pcd_broadcast(communicator, session.stream, &source, 1), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "root is 1");
  session.require(pcd_barrier(communicator, session.stream));
  const pcd_tensor small = session.tensor(PCD_DTYPE_F32, {5}), bytes = session.tensor(PCD_DTYPE_U8, {6});
  CHECK_EQ(pcd_all_gather(communicator, session.stream, &source, &small), PCD_ERROR_SHAPE);
  CHECK_CONTAINS(session.message(), "all_gather: source is F32 [2, 3] and target F32 [5]");
  CHECK_EQ(pcd_all_reduce(communicator, session.stream, &bytes), PCD_ERROR_SHAPE);
  CHECK_CONTAINS(session.message(), "U8 cannot be summed");

  session.require(pcd_communicator_status(communicator));
  session.require(pcd_communicator_abort(communicator));
  CHECK_EQ(pcd_communicator_status(communicator), PCD_ERROR_COMMUNICATION);
  CHECK_EQ(pcd_all_reduce(communicator, session.stream, &source), PCD_ERROR_COMMUNICATION);
  CHECK_CONTAINS(session.message(), "aborted");
  session.require(pcd_communicator_destroy(communicator));
}

TEST_MAIN
