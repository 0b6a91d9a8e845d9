// SPDX-License-Identifier: Apache-2.0
//
// What validation is written in. A validator names its symbolic extents (B, L, C, ...) and declares each view with its
// type, shape and use; the first fault is kept, with the op, the field, what was given and what was expected, and
// everything after it is skipped.
//
// The same declaration serves size queries: there buffers are not looked at, and required views that were left out are
// filled in from the extents that the others give.
#ifndef PCD_CORE_CHECK_H
#define PCD_CORE_CHECK_H

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/handles.h"
#include "core/op_table.h"

namespace pcd {

// A symbolic extent. The first view that has it binds it; the others must agree.
struct Extent {
  const char* name;
  int64_t value = 0;  // 0: not known yet

  bool known() const { return value > 0; }
};

// The element types that a view may have: bits 1 << PCD_DTYPE_*. Views that share one must have the same type.
struct ElementType {
  unsigned allowed;
  int32_t dtype() const;  // the lowest of those still allowed
};

constexpr unsigned type_bit(int32_t dtype) { return 1u << dtype; }

enum class Use {
  read,
  write,
  update,  // read and written
  unused,  // not by this invocation; backends get the shape without the memory
};

enum class Need { required, optional };

class Check {
 public:
  enum class Mode { run, size };

  Check(pcd_context* context, OpId op, Mode mode, std::string& message);
  Check(pcd_context* context, const char* name, std::string& message);  // a call that is no op

  int32_t status() const { return status_; }
  bool ok() const { return status_ == PCD_OK; }
  bool sizing() const { return mode_ == Mode::size; }
  bool backward() const { return backward_; }
  const std::vector<pcd_buffer*>& buffers() const { return buffers_; }

  // For views that only one direction touches.
  Use in_forward(Use use) const { return backward_ ? Use::unused : use; }
  Use in_backward(Use use) const { return backward_ ? use : Use::unused; }

  // -- plain fields
  void flags(uint32_t given, uint32_t known);
  void range(const char* field, int64_t value, int64_t low, int64_t high);
  void real(const char* field, double value, double low, double high);  // finite, closed range
  void at_most(const Extent& extent, int64_t high);                     // an extent has a limit
  __attribute__((format(printf, 4, 5))) void require(bool condition, int32_t status, const char* format, ...);

  // -- views
  bool described(const pcd_tensor& view) const;  // has memory; in a size query: has memory or a rank
  int64_t length(const pcd_tensor& view) const;  // extent of a described view of rank 1, else 0
  void tensor(const char* field, pcd_tensor& view, ElementType& type, std::initializer_list<Extent*> shape, Use use,
              Need need = Need::required, uint64_t alignment = 0);
  void tensor(const char* field, pcd_tensor& view, int32_t dtype, std::initializer_list<Extent*> shape, Use use,
              Need need = Need::required);
  void activation(const char* field, pcd_tensor& view, ElementType& type, Extent& b, Extent& l, Extent& c, Use use);
  void state(pcd_tensor& view, Use use, Need need = Need::required);
  void any(const char* field, pcd_tensor& view, Use use);  // of any type and shape
  void may_alias(const char* a, const char* b);            // may be the same memory, exactly

  // -- after all views are declared
  void complete();  // fills in the shapes of what was left out, which the sizes below may need
  void packed(pcd_tensor& view, int32_t op, int32_t dtype, const Extent& channels, int64_t leads, int64_t blocks);
  void packed_entry(const char* field, pcd_pack_entry& entry);  // the output of pack
  void saved(pcd_tensor& view, const void* desc, uint32_t op_flags);
  void workspace(pcd_tensor& view, const void* desc);
  void raw(const char* field, pcd_tensor& view, uint64_t needed, Use use);  // U8, at least `needed` bytes, 64-aligned
  uint64_t traffic() const;  // bytes of the views that the call uses, each once, without workspace
  void overlaps();  // last: an output that shares memory with another view

 private:
  static constexpr size_t kMaxRank = 4;
  struct Pending {
    const char* field;
    pcd_tensor* view;
    ElementType* type;
    ElementType own;
    Extent* shape[kMaxRank];
    int32_t rank;
    bool wanted;  // its absence is an error when it cannot be inferred
  };
  struct Span {
    const char* field;
    const char* begin;
    const char* end;
    bool written;
  };

  __attribute__((format(printf, 3, 4))) void stop(int32_t status, const char* format, ...);
  uint64_t pack_bytes(const pcd_pack_entry& entry);
  bool shape_fits(const pcd_tensor& view, const ElementType& type, std::initializer_list<Extent*> shape);
  std::string expected(const ElementType& type, std::initializer_list<Extent*> shape) const;
  void memory(const char* field, pcd_tensor& view, Use use, uint64_t alignment);

  pcd_context* const context_;
  const char* const name_;
  const OpId op_;
  const Mode mode_;
  const bool backward_;
  std::string& message_;
  int32_t status_ = PCD_OK;
  std::vector<pcd_buffer*> buffers_;
  std::vector<Pending> pending_;
  std::vector<Span> spans_;
  std::vector<std::pair<const char*, const char*>> aliases_;
};

}  // namespace pcd

#endif
