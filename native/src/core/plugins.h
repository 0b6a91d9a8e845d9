// SPDX-License-Identifier: Apache-2.0
//
// Finds the backend of a PCD_BACKEND_ number: the CPU's, compiled in, or a plug-in beside this library.
#ifndef PCD_CORE_PLUGINS_H
#define PCD_CORE_PLUGINS_H

#include <cstdint>
#include <string>

#include "core/backend.h"

namespace pcd {

// A plug-in is loaded once and stays; a failure is not remembered, so that a library put in its place later is found.
// Fails with PCD_ERROR_NO_PLUGIN and a sentence that names the path and the remedy.
int32_t find_plugin(int32_t backend, const Plugin** plugin, std::string& message);

// MPI's transports, a plug-in of their own; the same rules.
int32_t find_mpi(const TransportPlugin** plugin, std::string& message);

// "CPU", "CUDA", "SIMT"; null for an unknown number.
const char* backend_name(int32_t backend) noexcept;

}  // namespace pcd

#endif
