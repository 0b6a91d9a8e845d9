/* SPDX-License-Identifier: Apache-2.0
 *
 * The public header in C11 alone: it compiles without warnings (pedantic), and the library runs from C. */
#include "precordia/precordia.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  ++failures;
  printf("FAILED: %s\n", what);
}

int main(void) {
  char message[256] = "";
  pcd_context_desc desc;
  pcd_device_info info;
  pcd_context* context = NULL;
  pcd_stream* stream = NULL;
  pcd_buffer* buffer = NULL;
  pcd_fill_desc fill;
  float values[3] = {0, 0, 0};

  expect(pcd_abi_version() == PCD_ABI_VERSION, "the versions of header and library are equal");
  expect(strcmp(pcd_status_name(PCD_ERROR_SHAPE), "PCD_ERROR_SHAPE") == 0, "names of statuses");

  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  expect(pcd_device_query(PCD_BACKEND_CPU, 0, &info, message, sizeof message) == PCD_OK, message);
  expect(info.struct_size == sizeof info && info.compute_units >= 1 && info.memory_bytes > 0, "a device's description");
  expect(strlen(info.name) > 0 && strlen(info.instruction_set) > 0, "a device's names");

  memset(&desc, 0, sizeof desc);
  desc.struct_size = sizeof desc;
  desc.backend = PCD_BACKEND_CPU;
  desc.threads = 1;
  expect(pcd_context_create(&desc, &context, message, sizeof message) == PCD_OK, message);
  expect(pcd_stream_create(context, &stream) == PCD_OK, pcd_context_message(context));
  expect(pcd_buffer_create(stream, sizeof values, PCD_MEMORY_DEVICE, &buffer) == PCD_OK, pcd_context_message(context));

  memset(&fill, 0, sizeof fill);
  fill.struct_size = sizeof fill;
  fill.value = 2.5;
  fill.tensor.buffer = buffer;
  fill.tensor.dtype = PCD_DTYPE_F32;
  fill.tensor.rank = 1;
  fill.tensor.shape[0] = 3;
  expect(pcd_fill(stream, &fill) == PCD_OK, pcd_context_message(context));
  expect(pcd_download(stream, &fill.tensor, values, sizeof values) == PCD_OK, pcd_context_message(context));
  expect(values[0] == 2.5f && values[1] == 2.5f && values[2] == 2.5f, "filled values");

  expect(pcd_buffer_destroy(buffer) == PCD_OK, pcd_context_message(context));
  expect(pcd_stream_destroy(stream) == PCD_OK, pcd_context_message(context));
  expect(pcd_context_destroy(context) == PCD_OK, "the context goes");
  if (failures == 0) printf("passed\n");
  return failures == 0 ? 0 : 1;
}
