// SPDX-License-Identifier: Apache-2.0
//
// Runs one block: its threads are fibers that take turns where one has to wait. warp.h is what they call.
#ifndef PCD_SIMT_BLOCK_H
#define PCD_SIMT_BLOCK_H

#include <functional>
#include <string>

namespace pcd::simt {

// In which order threads that can run take turns: results must not depend on it.
struct Order {
  enum Kind { forward, reverse, shuffled } kind = forward;
  unsigned long long seed = 0;
};

// PCD_SIMT_ORDER=forward|reverse|SEED.
bool parse_order(const char* text, Order* order);
const char* order_name(const Order& order);

// Runs the block that thread.h's variables describe; `body` is one thread's kernel call. False after a fault,
// whose sentence is then in `fault_text`.
bool run_block(const std::function<void()>& body, const Order& order, std::string* fault_text);

}  // namespace pcd::simt

#endif
