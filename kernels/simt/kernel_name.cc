// SPDX-License-Identifier: Apache-2.0
//
// A kernel's name, for faults and the log.
#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "simt/launch.h"
#include "simt/symbols.h"

namespace pcd::simt {
namespace {

std::string demangled(const char* name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

}  // namespace

std::string kernel_name(const void* kernel) {
  std::string name;
  visit_symbols(kernel, [&](const Symbol& symbol) {
    if (symbol.function && symbol.place == kernel) name = demangled(symbol.name);
  });
  if (!name.empty()) return name;
  char text[40];
  std::snprintf(text, sizeof text, "at %p", kernel);
  return text;
}

}  // namespace pcd::simt
