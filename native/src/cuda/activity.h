// SPDX-License-Identifier: Apache-2.0
//
// What ran on the GPU and when: kernels, copies and memsets, told by CUPTI's activity records on the host's clock
// (pcd_trace_clock). CUPTI is opened when a trace starts and is needed by nothing else. Not yet run on a GPU: tested
// against a stand-in for CUPTI (tests/cuda_fake_cupti.cc).
#ifndef PCD_CUDA_ACTIVITY_H
#define PCD_CUDA_ACTIVITY_H

#include <cstdint>
#include <string>

#include "precordia/precordia.h"

namespace pcd::cuda {

// The library is PCD_CUPTI of the environment, else libcupti.so of this toolkit's major version, found by the loader.
int32_t activity_start(std::string& message);

// What the device did before the call has been delivered when it returns.
int32_t activity_stop(std::string& message);

// Gives the sink the activities that are complete and forgets them; returns how many records were lost since the last
// call.
uint64_t activity_take(void (*sink)(void* to, const pcd_trace_event& event), void* to);

}  // namespace pcd::cuda

#endif
