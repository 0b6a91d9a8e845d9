// SPDX-License-Identifier: Apache-2.0
#include "simt/symbols.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#if defined(__linux__)
#include <link.h>
#endif

namespace pcd::simt {

#if defined(__linux__)
void visit_symbols(const void* address, const std::function<void(const Symbol&)>& visit) {
  Dl_info info{};
  link_map* object = nullptr;
  if (dladdr1(address, &info, reinterpret_cast<void**>(&object), RTLD_DL_LINKMAP) == 0) return;
  std::ifstream stream(info.dli_fname, std::ios::binary);
  const std::vector<char> file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  ElfW(Ehdr) header;
  if (file.size() < sizeof header) return;
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
      const int type = symbol.st_info & 0xf;
      const bool function = type == STT_FUNC;
      if (!function && type != STT_OBJECT) continue;
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= header.e_shnum) continue;
      if (!function && (section(symbol.st_shndx).sh_flags & SHF_WRITE) == 0) continue;
      if (names.sh_offset + symbol.st_name >= file.size()) continue;
      visit({file.data() + names.sh_offset + symbol.st_name,
             reinterpret_cast<char*>(object->l_addr + symbol.st_value), symbol.st_size, function});
    }
  }
}
#else
void visit_symbols(const void*, const std::function<void(const Symbol&)>&) {}
#endif

}  // namespace pcd::simt
