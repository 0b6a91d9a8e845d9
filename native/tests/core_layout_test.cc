// SPDX-License-Identifier: Apache-2.0
//
// pcd_abi_layout against the header itself: the structures are read from its text and laid out by C's rules for this
// platform, so that a field added to the header and not to the table is found, and a wrong offset too.
//
// Argument: path of precordia.h.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "precordia/precordia.h"
#include "support/expect.h"

namespace {

struct Type {
  size_t size;
  size_t alignment;
};

std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"), " ");
}

std::string expected_layout(const std::string& header) {
  std::map<std::string, Type> types = {
      {"uint8_t", {1, 1}},  {"char", {1, 1}},    {"uint16_t", {2, 2}}, {"int16_t", {2, 2}},
      {"uint32_t", {4, 4}}, {"int32_t", {4, 4}}, {"float", {4, 4}},    {"uint64_t", {8, alignof(uint64_t)}},
      {"int64_t", {8, alignof(int64_t)}},        {"double", {8, alignof(double)}}};
  const Type pointer = {sizeof(void*), alignof(void*)};
  std::ostringstream layout;
  const std::regex structure(R"(typedef struct (pcd_\w+) \{([^}]*)\} (pcd_\w+);)");
  const std::regex field(R"(^\s*([\w ]+?)\s*(\*?)\s*(\w+)(?:\[(\d+)\])?\s*$)");
  for (std::sregex_iterator it(header.begin(), header.end(), structure), end; it != end; ++it) {
    const std::string name = (*it)[1], body = (*it)[2];
    std::ostringstream fields;
    size_t offset = 0, alignment = 1;
    std::istringstream declarations(body);
    for (std::string declaration; std::getline(declarations, declaration, ';');) {
      std::smatch parts;
      if (declaration.find_first_not_of(" \n\t") == std::string::npos) continue;
      declaration = std::regex_replace(declaration, std::regex("\n"), " ");
      if (!std::regex_match(declaration, parts, field)) {
        pcd::test::fail("cannot read the field \"" + declaration + "\" of " + name);
        continue;
      }
      const bool is_pointer = parts[2].length() > 0;
      const auto known = types.find(parts[1]);
      if (!is_pointer && known == types.end()) {
        pcd::test::fail("unknown type \"" + parts[1].str() + "\" in " + name);
        continue;
      }
      const Type type = is_pointer ? pointer : known->second;
      const size_t count = parts[4].length() > 0 ? std::stoul(parts[4]) : 1;
      offset = (offset + type.alignment - 1) / type.alignment * type.alignment;
      fields << name << '.' << parts[3] << ' ' << offset << '\n';
      offset += type.size * count;
      alignment = std::max(alignment, type.alignment);
    }
    const size_t size = (offset + alignment - 1) / alignment * alignment;
    types[name] = {size, alignment};
    layout << name << ' ' << size << '\n' << fields.str();
  }
  return layout.str();
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream file(argc > 1 ? argv[1] : "");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string expected = expected_layout(without_comments(text.str())), given = pcd_abi_layout();
  std::istringstream expected_lines(expected), given_lines(given);
  int count = 0;
  for (std::string a, b;; ++count) {
    const bool more = static_cast<bool>(std::getline(expected_lines, a));
    const bool given_more = static_cast<bool>(std::getline(given_lines, b));
    if (!more && !given_more) break;
    pcd::test::expect(more && given_more && a == b,
                      "the header gives \"" + (more ? a : "nothing") + "\", the library \"" + (given_more ? b : "nothing") + "\"");
  }
  pcd::test::expect(count > 150, "too few lines: the header's form has changed, and this test with it");
  std::printf("%d lines\n", count);
  return pcd::test::verdict();
}
