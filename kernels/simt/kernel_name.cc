// SPDX-License-Identifier: Apache-2.0
//
// Kernels are static functions, which dladdr does not know: the name comes from the library's full symbol table, read
// from its file. Only for faults and the log.
#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#if defined(__linux__)
#include <link.h>
#endif

#include "simt/launch.h"

namespace pcd::simt {
namespace {

std::string demangled(const char* name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

#if defined(__linux__)
std::string symbol_at(const std::vector<char>& file, uint64_t offset) {
  ElfW(Ehdr) header;
  if (file.size() < sizeof header) return {};
  std::memcpy(&header, file.data(), sizeof header);
  const auto section = [&](size_t i) {
    ElfW(Shdr) found{};
    const size_t at = header.e_shoff + i * header.e_shentsize;
    if (at + sizeof found <= file.size()) std::memcpy(&found, file.data() + at, sizeof found);
    return found;
  };
  for (size_t i = 0; i < header.e_shnum; ++i) {
    const ElfW(Shdr) table = section(i);
    if (table.sh_type != SHT_SYMTAB || table.sh_offset + table.sh_size > file.size()) continue;
    const ElfW(Shdr) names = section(table.sh_link);
    for (size_t at = 0; at + sizeof(ElfW(Sym)) <= table.sh_size; at += sizeof(ElfW(Sym))) {
      ElfW(Sym) symbol;
      std::memcpy(&symbol, file.data() + table.sh_offset + at, sizeof symbol);
      const bool function = (symbol.st_info & 0xf) == STT_FUNC;
      if (function && symbol.st_value == offset && names.sh_offset + symbol.st_name < file.size()) {
        return file.data() + names.sh_offset + symbol.st_name;
      }
    }
  }
  return {};
}
#endif

}  // namespace

std::string kernel_name(const void* kernel) {
#if defined(__linux__)
  Dl_info info{};
  if (dladdr(kernel, &info) != 0) {
    std::ifstream stream(info.dli_fname, std::ios::binary);
    const std::vector<char> file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const uint64_t offset = static_cast<uint64_t>(static_cast<const char*>(kernel) -
                                                  static_cast<const char*>(info.dli_fbase));
    const std::string name = symbol_at(file, offset);
    if (!name.empty()) return demangled(name.c_str());
  }
#endif
  char text[40];
  std::snprintf(text, sizeof text, "at %p", kernel);
  return text;
}

}  // namespace pcd::simt
