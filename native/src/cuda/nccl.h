// SPDX-License-Identifier: Apache-2.0
//
// Ranks with a GPU each, by NCCL (core/transport.h).
#ifndef PCD_CUDA_NCCL_H
#define PCD_CUDA_NCCL_H

#include "core/transport.h"

namespace pcd::cuda {

// Its `library` and all that follows say PCD_ERROR_NO_PLUGIN, and what to install, where NCCL cannot be opened.
extern const TransportPlugin nccl_transport;

}  // namespace pcd::cuda

#endif
