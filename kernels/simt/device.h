// SPDX-License-Identifier: Apache-2.0
//
// How the runtime's stand-ins report, and what the environment chooses.
#ifndef PCD_SIMT_DEVICE_H
#define PCD_SIMT_DEVICE_H

#include <string>

#include "simt/block.h"
#include "cuda_runtime.h"

namespace pcd::simt {

// Remembers an error as the calling thread's last one, with a sentence if there is more to say than its name.
cudaError_t failed(cudaError_t error, std::string sentence = {});

struct Settings {
  int architecture = 90;
  const char* architecture_name = "sm_90a";
  size_t shared_bytes_optin = 227 * 1024;
  Order orders[2];      // of the two devices: the one asked for, and another one
  std::string mistake;  // in the environment
};
const Settings& settings();
int current_device();  // of the calling thread
// For tests of the executor: from the next launch on as if PCD_SIMT_ARCH and PCD_SIMT_ORDER had these values.
void use_settings(const char* architecture, const char* order);

}  // namespace pcd::simt

#endif
