// SPDX-License-Identifier: Apache-2.0
//
// The full symbol table of the library or program that holds an address, read from its file: kernels and
// their variables are local, so that dladdr does not know them. Linux only; elsewhere, and where symbols were
// stripped, there are none.
#ifndef PCD_SIMT_SYMBOLS_H
#define PCD_SIMT_SYMBOLS_H

#include <cstddef>
#include <functional>

namespace pcd::simt {

struct Symbol {
  const char* name;  // mangled; valid during the visit
  char* place;
  size_t bytes;
  bool function;  // else a variable that can be written
};
void visit_symbols(const void* address, const std::function<void(const Symbol&)>& visit);

}  // namespace pcd::simt

#endif
