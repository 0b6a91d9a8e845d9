// SPDX-License-Identifier: Apache-2.0
//
// Buffers and the pool: accounting to the byte, reuse, limits, wrapped memory, copies, DLPack.
#include <thread>

#include "core_support.h"

using namespace pcd::test;

namespace {

pcd_tensor view_of(pcd_buffer* buffer, int32_t dtype, const std::vector<int64_t>& shape, uint64_t offset = 0) {
  pcd_tensor view;
  std::memset(&view, 0, sizeof view);
  view.buffer = buffer;
  view.offset = offset;
  view.dtype = dtype;
  for (int64_t extent : shape) view.shape[view.rank++] = extent;
  return view;
}

// DLPack 1.0 as a consumer sees it.
struct DlManaged {
  uint32_t major, minor;
  void* manager;
  void (*deleter)(DlManaged*);
  uint64_t flags;
  void* data;
  int32_t device_type, device_id, ndim;
  uint8_t code, bits;
  uint16_t lanes;
  int64_t *shape, *strides;
  uint64_t byte_offset;
};

}  // namespace

TEST(accounting) {
  Session session;
  CHECK_EQ(session.memory().in_use, 0u);
  pcd_buffer *a = nullptr, *b = nullptr;
  session.require(pcd_buffer_create(session.stream, 1000, PCD_MEMORY_DEVICE, &a));  // 1024 in blocks of 256
  session.require(pcd_buffer_create(session.stream, 256, PCD_MEMORY_HOST, &b));
  CHECK_EQ(pcd_buffer_size(a), 1000u);
  CHECK_EQ(reinterpret_cast<uintptr_t>(pcd_buffer_data(a)) % 256, 0u);
  CHECK_EQ(session.memory().in_use, 1280u);
  CHECK_EQ(session.memory().buffers, 2u);
  session.require(pcd_buffer_destroy(a));
  CHECK_EQ(session.memory().in_use, 256u);
  CHECK_EQ(session.memory().cached, 1024u);
  CHECK_EQ(session.memory().peak, 1280u);
  session.require(pcd_memory_trim(session.context));
  CHECK_EQ(session.memory().cached, 0u);
  CHECK_EQ(session.memory().peak, 256u);
  session.require(pcd_buffer_destroy(b));
  CHECK_EQ(session.memory().buffers, 0u);
}

TEST(a_freed_block_is_reused) {
  Session session;
  pcd_buffer* buffer = nullptr;
  session.require(pcd_buffer_create(session.stream, 4096, PCD_MEMORY_DEVICE, &buffer));
  void* const first = pcd_buffer_data(buffer);
  session.require(pcd_buffer_destroy(buffer));
  // Of another kind, or much smaller: not from that block.
  session.require(pcd_buffer_create(session.stream, 4096, PCD_MEMORY_HOST, &buffer));
  CHECK(pcd_buffer_data(buffer) != first);
  session.require(pcd_buffer_destroy(buffer));
  session.require(pcd_buffer_create(session.stream, 256, PCD_MEMORY_DEVICE, &buffer));
  CHECK(pcd_buffer_data(buffer) != first);
  session.require(pcd_buffer_destroy(buffer));
  // A little smaller: from it, and counted in full.
  session.require(pcd_buffer_create(session.stream, 3600, PCD_MEMORY_DEVICE, &buffer));
  CHECK(pcd_buffer_data(buffer) == first);
  CHECK_EQ(pcd_buffer_size(buffer), 3600u);
  CHECK_EQ(session.memory().in_use, 4096u);
  session.require(pcd_buffer_destroy(buffer));
}

TEST(the_limit_holds_and_the_cache_gives_way) {
  Session session(8192);
  CHECK_EQ(session.memory().limit, 8192u);
  pcd_buffer *a = nullptr, *b = nullptr, *c = nullptr;
  session.require(pcd_buffer_create(session.stream, 4096, PCD_MEMORY_DEVICE, &a));
  CHECK_EQ(pcd_buffer_create(session.stream, 4352, PCD_MEMORY_DEVICE, &b), PCD_ERROR_OUT_OF_MEMORY);
  CHECK(b == nullptr);
  CHECK_CONTAINS(session.message(), "no room for 4352 bytes: 4096 bytes in use, memory_limit 8192 bytes");
  session.require(pcd_buffer_create(session.stream, 4096, PCD_MEMORY_DEVICE, &b));
  session.require(pcd_buffer_destroy(a));
  session.require(pcd_buffer_destroy(b));
  CHECK_EQ(session.memory().cached, 8192u);
  session.require(pcd_buffer_create(session.stream, 8192, PCD_MEMORY_DEVICE, &c));
  CHECK_EQ(session.memory().cached, 0u);
  CHECK_EQ(session.memory().in_use, 8192u);
  session.require(pcd_buffer_destroy(c));
  CHECK_EQ(pcd_buffer_create(session.stream, uint64_t{1} << 63, PCD_MEMORY_DEVICE, &a), PCD_ERROR_OUT_OF_MEMORY);
  CHECK_EQ(pcd_buffer_create(session.stream, 0, PCD_MEMORY_DEVICE, &a), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_create(session.stream, 16, 5, &a), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "memory is 5");
}

TEST(more_than_the_machine_has) {
  Session session;
  pcd_buffer* buffer = nullptr;
  CHECK_EQ(pcd_buffer_create(session.stream, uint64_t{1} << 61, PCD_MEMORY_DEVICE, &buffer), PCD_ERROR_OUT_OF_MEMORY);
  CHECK(!session.message().empty());
  CHECK_EQ(session.memory().buffers, 0u);
}

TEST(blocks_of_a_destroyed_stream_serve_the_others) {
  Session session;
  pcd_stream* other = nullptr;
  pcd_buffer *early = nullptr, *late = nullptr, *again = nullptr;
  session.require(pcd_stream_create(session.context, &other));
  session.require(pcd_buffer_create(other, 2048, PCD_MEMORY_DEVICE, &early));
  session.require(pcd_buffer_create(other, 2048, PCD_MEMORY_DEVICE, &late));
  session.require(pcd_buffer_destroy(early));
  session.require(pcd_stream_destroy(other));
  session.require(pcd_buffer_destroy(late));
  CHECK_EQ(session.memory().cached, 4096u);
  session.require(pcd_buffer_create(session.stream, 2048, PCD_MEMORY_DEVICE, &again));
  CHECK_EQ(session.memory().cached, 2048u);
  session.require(pcd_buffer_destroy(again));
}

TEST(wrapped_memory) {
  Session session;
  std::vector<float> memory = {1, 2, 3, 4, 5, 6, 7, 8};
  pcd_buffer* buffer = nullptr;
  session.require(pcd_buffer_wrap(session.context, memory.data(), 32, &buffer));
  CHECK(pcd_buffer_data(buffer) == memory.data());
  CHECK_EQ(session.memory().in_use, 0u);
  CHECK_EQ(session.memory().buffers, 1u);
  auto copy = sized<pcd_copy_desc>();
  copy.source = view_of(buffer, PCD_DTYPE_F32, {4}, 8);
  copy.target = session.tensor(PCD_DTYPE_F32, {4});
  session.require(pcd_copy(session.stream, &copy));
  CHECK((session.read<float>(copy.target, 4) == std::vector<float>{3, 4, 5, 6}));
  session.require(pcd_buffer_destroy(buffer));
  CHECK_EQ(session.memory().cached, 0u);

  // The address counts, not only the offset.
  session.require(pcd_buffer_wrap(session.context, reinterpret_cast<char*>(memory.data()) + 2, 16, &buffer));
  copy.source = view_of(buffer, PCD_DTYPE_F32, {4});
  CHECK_EQ(pcd_copy(session.stream, &copy), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "wrapped memory");
  session.require(pcd_buffer_destroy(buffer));
  CHECK_EQ(pcd_buffer_wrap(session.context, nullptr, 16, &buffer), PCD_ERROR_ARGUMENT);
  CHECK_EQ(pcd_buffer_wrap(session.context, memory.data(), 0, &buffer), PCD_ERROR_ARGUMENT);
}

TEST(copies_between_host_and_device) {
  Session session;
  pcd_tensor tensor = session.tensor(PCD_DTYPE_I16, {2, 3});
  const std::vector<int16_t> values = {1, -2, 3, -4, 5, -32768};
  session.write(tensor, values);
  CHECK(session.read<int16_t>(tensor, 6) == values);
  tensor.offset = 4;
  tensor.rank = 1;
  tensor.shape[0] = 2;
  CHECK((session.read<int16_t>(tensor, 2) == std::vector<int16_t>{3, -4}));
  int16_t two[2];
  CHECK_EQ(pcd_download(session.stream, &tensor, two, 6), PCD_ERROR_SHAPE);
  CHECK_CONTAINS(session.message(), "bytes is 6, and the tensor I16 [2] has 4");
  CHECK_EQ(pcd_upload(session.stream, nullptr, 4, &tensor), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "source is NULL");
  tensor.shape[0] = 5;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, &tensor), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "ends past its buffer of 12");
  tensor.offset = UINT64_MAX - 3;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, &tensor), PCD_ERROR_ARGUMENT);
  tensor.offset = 0;
  tensor.shape[0] = INT64_MAX;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, &tensor), PCD_ERROR_SHAPE);
  tensor.shape[0] = 0;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 0, &tensor), PCD_ERROR_SHAPE);
  tensor.rank = 5;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, &tensor), PCD_ERROR_SHAPE);
  CHECK_CONTAINS(session.message(), "rank 5");
  tensor.rank = -1;
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, &tensor), PCD_ERROR_SHAPE);
  CHECK_EQ(pcd_upload(session.stream, values.data(), 10, nullptr), PCD_ERROR_ARGUMENT);
}

TEST(dlpack_keeps_the_buffer_alive) {
  Session session;
  pcd_buffer* buffer = nullptr;
  session.require(pcd_buffer_create(session.stream, 1024, PCD_MEMORY_DEVICE, &buffer));
  auto fill = sized<pcd_fill_desc>();
  fill.value = 3;
  fill.tensor = view_of(buffer, PCD_DTYPE_F32, {2, 3, 4}, 64);
  session.require(pcd_fill(session.stream, &fill));
  void* managed = nullptr;
  session.require(pcd_tensor_to_dlpack(&fill.tensor, &managed));
  session.require(pcd_buffer_destroy(buffer));
  // The handle is gone, the memory is not.
  void* none = nullptr;
  CHECK_EQ(pcd_tensor_to_dlpack(&fill.tensor, &none), PCD_ERROR_ARGUMENT);
  CHECK(none == nullptr);
  CHECK_EQ(session.memory().buffers, 1u);
  CHECK_EQ(session.memory().in_use, 1024u);
  pcd_context* const context = session.context;
  CHECK_EQ(pcd_context_destroy(context), PCD_ERROR_ARGUMENT);
  CHECK_CONTAINS(session.message(), "DLPack");
  auto* const dl = static_cast<DlManaged*>(managed);
  CHECK_EQ(reinterpret_cast<const float*>(static_cast<const char*>(dl->data) + dl->byte_offset)[23], 3.0f);
  dl->deleter(dl);
  CHECK_EQ(session.memory().buffers, 0u);
  CHECK_EQ(session.memory().cached, 1024u);
}

TEST(dlpack_describes_the_view) {
  Session session;
  pcd_tensor tensor = session.tensor(PCD_DTYPE_F32, {30});
  tensor = view_of(tensor.buffer, PCD_DTYPE_F32, {2, 3, 4}, 16);
  void* managed = nullptr;
  session.require(pcd_tensor_to_dlpack(&tensor, &managed));
  auto* const dl = static_cast<DlManaged*>(managed);
  CHECK_EQ(dl->major, 1u);
  CHECK_EQ(dl->flags, 0u);
  CHECK(dl->data == pcd_buffer_data(tensor.buffer));
  CHECK_EQ(dl->byte_offset, 16u);
  CHECK_EQ(dl->device_type, 1);
  CHECK_EQ(dl->ndim, 3);
  CHECK(dl->code == 2 && dl->bits == 32 && dl->lanes == 1);
  CHECK(dl->shape[0] == 2 && dl->shape[1] == 3 && dl->shape[2] == 4);
  CHECK(dl->strides[0] == 12 && dl->strides[1] == 4 && dl->strides[2] == 1);
  // A consumer may drop it from a thread of its own, while we work.
  std::thread consumer([dl] { dl->deleter(dl); });
  for (int i = 0; i < 100; ++i) {
    pcd_buffer* buffer = nullptr;
    session.require(pcd_buffer_create(session.stream, 512, PCD_MEMORY_DEVICE, &buffer));
    session.require(pcd_buffer_destroy(buffer));
  }
  consumer.join();
  CHECK_EQ(session.memory().buffers, 1u);

  const struct {
    int32_t dtype;
    int code, bits;
  } types[] = {{PCD_DTYPE_BF16, 4, 16}, {PCD_DTYPE_F64, 2, 64}, {PCD_DTYPE_I16, 0, 16}, {PCD_DTYPE_I32, 0, 32},
               {PCD_DTYPE_I64, 0, 64},  {PCD_DTYPE_U64, 1, 64}, {PCD_DTYPE_U8, 1, 8}};
  for (const auto& type : types) {
    const pcd_tensor other = view_of(tensor.buffer, type.dtype, {3});
    session.require(pcd_tensor_to_dlpack(&other, &managed));
    auto* const exported = static_cast<DlManaged*>(managed);
    CHECK_EQ(static_cast<int>(exported->code), type.code);
    CHECK_EQ(static_cast<int>(exported->bits), type.bits);
    exported->deleter(exported);
  }
}

TEST_MAIN
