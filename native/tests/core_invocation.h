// SPDX-License-Identifier: Apache-2.0
//
// A call of an op that a test can change, run and expect to be refused.
#ifndef PCD_TESTS_CORE_INVOCATION_H
#define PCD_TESTS_CORE_INVOCATION_H

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core_support.h"

namespace pcd::test {

enum class View { required, optional, scratch };  // scratch: packed, saved, workspace

struct NamedView {
  std::string name;
  pcd_tensor* view;
  View kind;
};

// One invocation: `call` runs it with what the descriptor holds then. The descriptor lives in `storage`.
struct Invocation {
  std::string op;
  std::shared_ptr<void> storage;
  uint32_t* flags = nullptr;
  std::vector<NamedView> views;
  std::function<int32_t()> call;
};

// Makes tensors and invocations on a session; what descriptors are made with.
class Maker {
 public:
  explicit Maker(Session& session) : s_(session) {}

  pcd_tensor f32(const std::vector<int64_t>& shape) { return s_.tensor(PCD_DTYPE_F32, shape); }
  pcd_tensor u8(uint64_t bytes) { return s_.tensor(PCD_DTYPE_U8, {static_cast<int64_t>(bytes)}); }
  pcd_tensor state() { return u8(sizeof(pcd_step_state)); }

  template <typename Desc>
  std::shared_ptr<Desc> make() {
    return std::make_shared<Desc>(sized<Desc>());
  }

  template <typename Desc>
  Invocation invocation(const char* op, const std::shared_ptr<Desc>& d, int32_t (*run)(pcd_stream*, const Desc*)) {
    Invocation made;
    made.op = op;
    made.storage = d;
    Session* const session = &s_;
    made.call = [session, d, run] { return run(session->stream, d.get()); };
    return made;
  }

  template <typename Desc>
  pcd_tensor sized_by(int32_t (*query)(pcd_context*, const Desc*, uint64_t*), const Desc& d) {
    uint64_t bytes = 0;
    s_.require(query(s_.context, &d, &bytes));
    return bytes == 0 ? pcd_tensor{} : u8(bytes);
  }

  pcd_tensor packed(int32_t op, int64_t channels, int64_t leads, int32_t blocks) {
    pcd_pack_entry entry;
    std::memset(&entry, 0, sizeof entry);
    entry.op = op;
    entry.channels = static_cast<int32_t>(channels);
    entry.leads = static_cast<int32_t>(leads);
    entry.blocks = blocks;
    uint64_t bytes = 0;
    s_.require(pcd_pack_size(s_.context, &entry, &bytes));
    return bytes == 0 ? pcd_tensor{} : u8(bytes);
  }

 protected:
  Session& s_;
};

// Expects a failure of that status (0: any) whose sentence names the op, the field and `part`.
inline void refused(Session& session, const Invocation& invocation, const std::string& field, const char* way,
                    int32_t status, const std::string& part) {
  const int32_t given = invocation.call();
  const std::string where = invocation.op + ", " + field + ", " + way;
  if (given == PCD_OK) {
    fail(where + ": accepted");
    return;
  }
  const std::string message = session.message();
  if (status != 0 && given != status) {
    fail(where + ": " + pcd_status_name(given) + " instead of " + pcd_status_name(status) + ": " + message);
  }
  for (const std::string& wanted : {invocation.op + ":", field, part}) {
    if (message.find(wanted) == std::string::npos) fail(where + ": \"" + message + "\" lacks \"" + wanted + "\"");
  }
}

}  // namespace pcd::test

#endif
