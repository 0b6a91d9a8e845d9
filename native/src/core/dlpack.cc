// SPDX-License-Identifier: Apache-2.0
//
// Export of a view as DLPack 1.0. The structures below are that standard's binary interface, written from its
// description: a consumer sees memory of exactly this layout.
#include <cstdint>
#include <memory>

#include "core/check.h"

namespace pcd {
namespace {

struct DlVersion {
  uint32_t major;
  uint32_t minor;
};

struct DlDevice {
  int32_t type;
  int32_t id;
};

struct DlDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};

struct DlTensor {
  void* data;
  DlDevice device;
  int32_t ndim;
  DlDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements
  uint64_t byte_offset;
};

struct DlManagedTensorVersioned {
  DlVersion version;
  void* manager_context;
  void (*deleter)(DlManagedTensorVersioned* self);
  uint64_t flags;
  DlTensor tensor;
};

static_assert(sizeof(void*) != 8 || sizeof(DlManagedTensorVersioned) == 80);

constexpr int32_t kDeviceCpu = 1, kDeviceCuda = 2, kDeviceCudaHost = 3;
constexpr uint8_t kCodeInt = 0, kCodeUnsigned = 1, kCodeFloat = 2, kCodeBfloat = 4;

struct Export {
  DlManagedTensorVersioned managed;
  int64_t shape[4];
  int64_t strides[4];
  pcd_buffer* buffer;
};

// The consumer's thread is any; the pool locks.
void delete_export(DlManagedTensorVersioned* self) {
  if (self == nullptr) return;
  auto* const exported = static_cast<Export*>(self->manager_context);
  drop_reference(exported->buffer);
  delete exported;
}

DlDataType data_type(int32_t dtype) {
  const auto bits = static_cast<uint8_t>(8 * dtype_size(dtype));
  switch (dtype) {
    case PCD_DTYPE_F32:
    case PCD_DTYPE_F64: return {kCodeFloat, bits, 1};
    case PCD_DTYPE_BF16: return {kCodeBfloat, bits, 1};
    case PCD_DTYPE_U64:
    case PCD_DTYPE_U8: return {kCodeUnsigned, bits, 1};
    default: return {kCodeInt, bits, 1};
  }
}

DlDevice device_of(const pcd_buffer& buffer) {
  const pcd_context& context = *buffer.context;
  if (context.backend_kind != PCD_BACKEND_CUDA) return {kDeviceCpu, 0};
  return buffer.memory == PCD_MEMORY_HOST ? DlDevice{kDeviceCudaHost, 0} : DlDevice{kDeviceCuda, context.device};
}

}  // namespace
}  // namespace pcd

using namespace pcd;

int32_t pcd_tensor_to_dlpack(const pcd_tensor* tensor, void** managed) {
  if (managed != nullptr) *managed = nullptr;
  if (tensor == nullptr) return PCD_ERROR_ARGUMENT;
  return enter_with(tensor->buffer, Door::work, [&](std::string& message) -> int32_t {
    if (managed == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "pcd_tensor_to_dlpack: managed is NULL");
    pcd_tensor view = *tensor;
    Check check(view.buffer->context, "pcd_tensor_to_dlpack", message);
    check.any("tensor", view, Use::read);
    if (!check.ok()) return check.status();
    auto made = std::make_unique<Export>();
    made->buffer = view.buffer;
    int64_t stride = 1;
    for (int32_t axis = view.rank - 1; axis >= 0; --axis) {
      made->shape[axis] = view.shape[axis];
      made->strides[axis] = stride;
      stride *= view.shape[axis];
    }
    DlManagedTensorVersioned& out = made->managed;
    out.version = {1, 0};
    out.manager_context = made.get();
    out.deleter = &delete_export;
    out.flags = 0;
    out.tensor = {view.buffer->data, device_of(*view.buffer), view.rank, data_type(view.dtype),
                  made->shape,       made->strides,           view.offset};
    view.buffer->references.fetch_add(1, std::memory_order_relaxed);
    *managed = &made.release()->managed;
    return PCD_OK;
  });
}
