// SPDX-License-Identifier: Apache-2.0
//
// Copies between host memory and tensors.
#include "core/check.h"

namespace pcd {
namespace {

// The parts that both directions check; leaves the tensor's address.
int32_t locate(pcd_stream* stream, const char* name, const pcd_tensor* given, const void* host, const char* host_name,
               uint64_t bytes, void** address, std::string& message) {
  int32_t status = check_not_recording(stream, name, message);
  if (status != PCD_OK) return status;
  if (given == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: the tensor is NULL", name);
  if (host == nullptr) return fail(message, PCD_ERROR_ARGUMENT, "%s: %s is NULL", name, host_name);
  pcd_tensor tensor = *given;
  Check check(stream->context, name, message);
  check.any("tensor", tensor, Use::update);
  if (!check.ok()) return check.status();
  const uint64_t held = byte_count(tensor);
  check.require(bytes == held, PCD_ERROR_SHAPE, "bytes is %llu, and the tensor %s has %llu",
                static_cast<unsigned long long>(bytes), describe(tensor).c_str(), static_cast<unsigned long long>(held));
  *address = data<void>(tensor);
  return check.status();
}

}  // namespace
}  // namespace pcd

using namespace pcd;

int32_t pcd_upload(pcd_stream* stream, const void* source, uint64_t bytes, const pcd_tensor* target) {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    void* address = nullptr;
    const int32_t status = locate(stream, "pcd_upload", target, source, "source", bytes, &address, message);
    if (status != PCD_OK) return status;
    const Observed observed(stream->context->observer.get(), stream->number, {PCD_TRACE_UPLOAD, "upload", bytes});
    return stream->context->backend->upload(stream->native, source, address, bytes, message);
  });
}

int32_t pcd_download(pcd_stream* stream, const pcd_tensor* source, void* target, uint64_t bytes) {
  return enter_with(stream, Door::work, [&](std::string& message) -> int32_t {
    void* address = nullptr;
    const int32_t status = locate(stream, "pcd_download", source, target, "target", bytes, &address, message);
    if (status != PCD_OK) return status;
    const Observed observed(stream->context->observer.get(), stream->number, {PCD_TRACE_DOWNLOAD, "download", bytes});
    const int32_t ended = stream->context->backend->download(stream->native, address, target, bytes, message);
    return check_aborted(stream->context, ended, message);
  });
}
