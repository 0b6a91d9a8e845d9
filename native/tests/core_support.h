// SPDX-License-Identifier: Apache-2.0
//
// For tests of the core: named cases over support/expect.h, and owners of handles.
//
// TEST(name) { ... } registers a case, TEST_MAIN runs them (arguments choose those whose names contain one of them). A
// failed CHECK goes on, a failed REQUIRE leaves the case.
#ifndef PCD_TESTS_CORE_SUPPORT_H
#define PCD_TESTS_CORE_SUPPORT_H

#include <cstring>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

#include "precordia/precordia.h"
#include "support/expect.h"

namespace pcd::test {

struct Case {
  const char* name;
  void (*body)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Register {
  Register(const char* name, void (*body)()) { cases().push_back({name, body}); }
};

struct Abandoned : std::exception {
  const char* what() const noexcept override { return "a REQUIRE did not hold"; }
};

inline void fail_at(const char* file, int line, const std::string& what) {
  fail(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

template <typename A, typename B>
void check_equal(const char* file, int line, const char* expression, const A& given, const B& expected) {
  if (given == expected) return;
  std::ostringstream text;
  text << expression << " is " << given << ", expected " << expected;
  fail_at(file, line, text.str());
}

inline void check_contains(const char* file, int line, const std::string& text, const std::string& part) {
  if (text.find(part) == std::string::npos) fail_at(file, line, "\"" + text + "\" does not contain \"" + part + "\"");
}

inline int run_cases(int argc, char** argv) {
  int ran = 0;
  for (const Case& test : cases()) {
    bool chosen = argc < 2;
    for (int i = 1; i < argc; ++i) chosen = chosen || std::strstr(test.name, argv[i]) != nullptr;
    if (!chosen) continue;
    ++ran;
    try {
      test.body();
    } catch (const std::exception& thrown) {
      fail(std::string(test.name) + ": " + thrown.what());
    }
  }
  std::printf("%d cases\n", ran);
  expect(ran > 0, "no case of that name");
  return verdict();
}

// A structure of the ABI with struct_size set.
template <typename T>
T sized() {
  T value;
  std::memset(static_cast<void*>(&value), 0, sizeof value);
  value.struct_size = sizeof value;
  return value;
}

// A CPU context and streams and buffers on it, destroyed in order at the end.
class Session {
 public:
  explicit Session(uint64_t memory_limit = 0, int32_t threads = 1) {
    auto desc = sized<pcd_context_desc>();
    desc.threads = threads;
    desc.memory_limit = memory_limit;
    char message[512] = "";
    if (pcd_context_create(&desc, &context, message, sizeof message) != PCD_OK) {
      fail(message);
      throw Abandoned();
    }
    require(pcd_stream_create(context, &stream));
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() {
    for (pcd_buffer* buffer : buffers_) pcd_buffer_destroy(buffer);
    pcd_stream_destroy(stream);
    if (pcd_context_destroy(context) != PCD_OK) fail(message());
  }

  std::string message() const { return pcd_context_message(context); }

  void require(int32_t status) const {
    if (status == PCD_OK) return;
    fail(std::string(pcd_status_name(status)) + ": " + message());
    throw Abandoned();
  }

  pcd_buffer* buffer(uint64_t bytes) {
    pcd_buffer* made = nullptr;
    require(pcd_buffer_create(stream, bytes, PCD_MEMORY_DEVICE, &made));
    buffers_.push_back(made);
    return made;
  }

  // A tensor in a buffer of its own, all zero bytes.
  pcd_tensor tensor(int32_t dtype, const std::vector<int64_t>& shape) {
    static const uint64_t sizes[] = {4, 2, 8, 2, 4, 8, 8, 1};
    pcd_tensor view;
    std::memset(&view, 0, sizeof view);
    uint64_t bytes = sizes[dtype];
    for (int64_t extent : shape) {
      view.shape[view.rank++] = extent;
      bytes *= static_cast<uint64_t>(extent);
    }
    for (int32_t i = view.rank; i < 4; ++i) view.shape[i] = 1;
    view.dtype = dtype;
    view.buffer = buffer(bytes);
    std::memset(pcd_buffer_data(view.buffer), 0, bytes);
    return view;
  }

  template <typename T>
  void write(const pcd_tensor& view, const std::vector<T>& values) {
    require(pcd_upload(stream, values.data(), values.size() * sizeof(T), &view));
  }

  template <typename T>
  std::vector<T> read(const pcd_tensor& view, size_t count) const {
    std::vector<T> values(count);
    require(pcd_download(stream, &view, values.data(), count * sizeof(T)));
    return values;
  }

  pcd_memory_info memory() const {
    auto info = sized<pcd_memory_info>();
    require(pcd_memory_query(context, &info));
    return info;
  }

  pcd_context* context = nullptr;
  pcd_stream* stream = nullptr;

 private:
  std::vector<pcd_buffer*> buffers_;
};

}  // namespace pcd::test

#define TEST(name)                                                             \
  static void case_##name();                                                   \
  static const pcd::test::Register register_##name(#name, &case_##name);       \
  static void case_##name()

#define TEST_MAIN \
  int main(int argc, char** argv) { return pcd::test::run_cases(argc, argv); }

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) pcd::test::fail_at(__FILE__, __LINE__, "does not hold: " #condition);   \
  } while (false)

#define CHECK_EQ(given, expected) pcd::test::check_equal(__FILE__, __LINE__, #given, (given), (expected))

#define CHECK_CONTAINS(text, part) pcd::test::check_contains(__FILE__, __LINE__, (text), (part))

#define REQUIRE(condition)                                                        \
  do {                                                                            \
    if (!(condition)) {                                                           \
      pcd::test::fail_at(__FILE__, __LINE__, "does not hold: " #condition);       \
      throw pcd::test::Abandoned();                                               \
    }                                                                             \
  } while (false)

#endif
