// SPDX-License-Identifier: Apache-2.0
//
// Validation's vocabulary.
#include "core/check.h"

#include <cctype>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "core/text.h"

namespace pcd {
namespace {

// A view's product of extents stays below this, so that backends may multiply by small factors in 64 bits.
constexpr int64_t kMaxElements = int64_t{1} << 40;
constexpr uint64_t kScratchAlignment = 64;
constexpr uint64_t kActivationAlignment = 16;
constexpr uint64_t kStructAlignment = 8;

struct FlagName {
  uint32_t flag;
  const char* name;
};

constexpr FlagName kFlagNames[] = {
    {PCD_FLAG_INFERENCE, "INFERENCE"},         {PCD_FLAG_ACCUMULATE, "ACCUMULATE"},
    {PCD_FLAG_ACCUMULATE_INPUT, "ACCUMULATE_INPUT"}, {PCD_FLAG_FREE_CROP, "FREE_CROP"},
    {PCD_FLAG_NORMALISE_WINDOW, "NORMALISE_WINDOW"}, {PCD_FLAG_VIEWS_ONLY, "VIEWS_ONLY"},
    {PCD_FLAG_FAST_PRODUCTS, "FAST_PRODUCTS"},
};

std::string flag_names(uint32_t flags) {
  std::string text;
  for (const FlagName& entry : kFlagNames) {
    if ((flags & entry.flag) == 0) continue;
    if (!text.empty()) text += " | ";
    text += entry.name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

int32_t ElementType::dtype() const {
  for (int32_t dtype = 0; dtype <= PCD_DTYPE_U8; ++dtype) {
    if ((allowed & type_bit(dtype)) != 0) return dtype;
  }
  return PCD_DTYPE_F32;
}

Check::Check(pcd_context* context, OpId op, Mode mode, std::string& message)
    : context_(context), name_(op_name(op)), op_(op), mode_(mode), backward_(is_backward(op)), message_(message) {}

Check::Check(pcd_context* context, const char* name, std::string& message)
    : context_(context), name_(name), op_(OpId::count), mode_(Mode::run), backward_(false), message_(message) {}

void Check::stop(int32_t status, const char* format, ...) {
  if (!ok()) return;
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  status_ = fail(message_, status, "%s: %s", name_, text);
}

void Check::require(bool condition, int32_t status, const char* format, ...) {
  if (condition || !ok()) return;
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  stop(status, "%s", text);
}

void Check::flags(uint32_t given, uint32_t known) {
  if (!ok()) return;
  if ((given & ~known) != 0) {
    stop(PCD_ERROR_ARGUMENT, "flags is 0x%x, but 0x%x means nothing here; this op knows %s", static_cast<unsigned>(given),
         static_cast<unsigned>(given & ~known), flag_names(known).c_str());
  }
  if (backward_ && !sizing() && (given & PCD_FLAG_INFERENCE) != 0) {
    stop(PCD_ERROR_ARGUMENT, "flags has INFERENCE, and backward needs what forward saves without it");
  }
}

void Check::range(const char* field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return;
  if (high == INT64_MAX) {
    stop(PCD_ERROR_ARGUMENT, "%s is %lld, expected at least %lld", field, static_cast<long long>(value),
         static_cast<long long>(low));
  } else {
    stop(PCD_ERROR_ARGUMENT, "%s is %lld, expected %lld to %lld", field, static_cast<long long>(value),
         static_cast<long long>(low), static_cast<long long>(high));
  }
}

void Check::real(const char* field, double value, double low, double high) {
  if (std::isfinite(value) && value >= low && value <= high) return;
  if (std::isinf(high)) {
    if (std::isinf(low)) {
      stop(PCD_ERROR_ARGUMENT, "%s is %g, expected a finite number", field, value);
    } else {
      stop(PCD_ERROR_ARGUMENT, "%s is %g, expected at least %g and finite", field, value, low);
    }
  } else {
    stop(PCD_ERROR_ARGUMENT, "%s is %g, expected %g to %g", field, value, low, high);
  }
}

void Check::at_most(const Extent& extent, int64_t high) {
  if (extent.value > high) {
    stop(PCD_ERROR_SHAPE, "%s is %lld, expected at most %lld", extent.name, static_cast<long long>(extent.value),
         static_cast<long long>(high));
  }
}

bool Check::described(const pcd_tensor& view) const { return view.buffer != nullptr || (sizing() && view.rank != 0); }

int64_t Check::length(const pcd_tensor& view) const {
  return described(view) && view.rank == 1 && view.shape[0] > 0 && view.shape[0] < kMaxElements ? view.shape[0] : 0;
}

// "F32|BF16 [B=4, L=256, C]"
std::string Check::expected(const ElementType& type, std::initializer_list<Extent*> shape) const {
  std::string text;
  for (int32_t dtype = 0; dtype <= PCD_DTYPE_U8; ++dtype) {
    if ((type.allowed & type_bit(dtype)) == 0) continue;
    if (!text.empty()) text += "|";
    text += dtype_name(dtype);
  }
  text += " [";
  bool first = true;
  for (const Extent* extent : shape) {
    if (!first) text += ", ";
    first = false;
    text += extent->name;
    if (extent->known() && std::isdigit(static_cast<unsigned char>(extent->name[0])) == 0) {
      append(text, "=%lld", static_cast<long long>(extent->value));
    }
  }
  text += "]";
  return text;
}

bool Check::shape_fits(const pcd_tensor& view, const ElementType& type, std::initializer_list<Extent*> shape) {
  if (view.rank != static_cast<int32_t>(shape.size())) return false;
  if (dtype_size(view.dtype) == 0 || (type.allowed & type_bit(view.dtype)) == 0) return false;
  int64_t product = 1;
  int32_t axis = 0;
  for (const Extent* extent : shape) {
    const int64_t given = view.shape[axis++];
    if (given < 1 || given > kMaxElements || product > kMaxElements / given) return false;
    product *= given;
    if (extent->known() && extent->value != given) return false;
  }
  return true;
}

void Check::tensor(const char* field, pcd_tensor& view, int32_t dtype, std::initializer_list<Extent*> shape, Use use,
                   Need need) {
  ElementType type{type_bit(dtype)};
  if (!ok()) return;
  const size_t before = pending_.size();
  tensor(field, view, type, shape, use, need, 0);
  if (pending_.size() > before) {  // the type lives in the entry: this one ends here
    pending_.back().own = type;
    pending_.back().type = nullptr;
  }
}

void Check::activation(const char* field, pcd_tensor& view, ElementType& type, Extent& b, Extent& l, Extent& c,
                       Use use) {
  tensor(field, view, type, {&b, &l, &c}, use, Need::required, kActivationAlignment);
}

void Check::tensor(const char* field, pcd_tensor& view, ElementType& type, std::initializer_list<Extent*> shape,
                   Use use, Need need, uint64_t alignment) {
  if (!ok()) return;
  const bool ignored = use == Use::unused && !sizing();
  if (ignored || !described(view)) {
    if (!ignored && !sizing() && need == Need::required) {
      stop(PCD_ERROR_ARGUMENT, "%s is absent (its buffer is NULL), expected %s", field, expected(type, shape).c_str());
      return;
    }
    std::memset(&view, 0, sizeof(view));
    if (need == Need::required) {
      Pending entry{field, &view, &type, {0}, {}, static_cast<int32_t>(shape.size()), sizing() && use != Use::unused};
      size_t axis = 0;
      for (Extent* extent : shape) entry.shape[axis++] = extent;
      pending_.push_back(entry);
    }
    return;
  }
  if (!shape_fits(view, type, shape)) {
    stop(PCD_ERROR_SHAPE, "%s is %s, expected %s", field, describe(view).c_str(), expected(type, shape).c_str());
    return;
  }
  type.allowed = type_bit(view.dtype);
  int32_t axis = 0;
  for (Extent* extent : shape) extent->value = view.shape[axis++];
  for (; axis < static_cast<int32_t>(kMaxRank); ++axis) view.shape[axis] = 1;
  memory(field, view, use, alignment);
}

void Check::state(pcd_tensor& view, Use use, Need need) {
  Extent size{"sizeof(pcd_step_state)", sizeof(pcd_step_state)};
  ElementType type{type_bit(PCD_DTYPE_U8)};
  if (!ok()) return;
  if (!described(view) && need == Need::required && !sizing()) {
    stop(PCD_ERROR_ARGUMENT, "state is absent (its buffer is NULL), expected %s", expected(type, {&size}).c_str());
    return;
  }
  tensor("state", view, type, {&size}, use, Need::optional, kStructAlignment);
}

void Check::any(const char* field, pcd_tensor& view, Use use) {
  if (!ok()) return;
  Extent extents[kMaxRank] = {{"d0"}, {"d1"}, {"d2"}, {"d3"}};
  ElementType type{(1u << (PCD_DTYPE_U8 + 1)) - 1};
  switch (view.rank) {
    case 1: tensor(field, view, type, {&extents[0]}, use); break;
    case 2: tensor(field, view, type, {&extents[0], &extents[1]}, use); break;
    case 3: tensor(field, view, type, {&extents[0], &extents[1], &extents[2]}, use); break;
    case 4: tensor(field, view, type, {&extents[0], &extents[1], &extents[2], &extents[3]}, use); break;
    default: tensor(field, view, type, {}, use); break;
  }
}

void Check::memory(const char* field, pcd_tensor& view, Use use, uint64_t alignment) {
  if (sizing()) {
    view.buffer = nullptr;
    return;
  }
  if (!live(view.buffer)) {
    stop(PCD_ERROR_ARGUMENT, "%s: its buffer was destroyed, or is no buffer", field);
    return;
  }
  const pcd_buffer& buffer = *view.buffer;
  if (buffer.context != context_) {
    stop(PCD_ERROR_ARGUMENT, "%s: its buffer belongs to another context", field);
    return;
  }
  const uint64_t bytes = byte_count(view);
  if (view.offset > buffer.bytes || bytes > buffer.bytes - view.offset) {
    stop(PCD_ERROR_ARGUMENT, "%s: %s at offset %llu takes %llu bytes and ends past its buffer of %llu", field,
         describe(view).c_str(), static_cast<unsigned long long>(view.offset), static_cast<unsigned long long>(bytes),
         static_cast<unsigned long long>(buffer.bytes));
    return;
  }
  const uint64_t wanted = alignment > dtype_size(view.dtype) ? alignment : dtype_size(view.dtype);
  const char* const begin = static_cast<const char*>(buffer.data) + view.offset;
  if (reinterpret_cast<uintptr_t>(begin) % wanted != 0) {
    stop(PCD_ERROR_ARGUMENT, "%s starts at offset %llu%s, expected an address that is a multiple of %llu bytes", field,
         static_cast<unsigned long long>(view.offset), buffer.wrapped ? " of wrapped memory" : "",
         static_cast<unsigned long long>(wanted));
    return;
  }
  buffers_.push_back(view.buffer);
  spans_.push_back({field, begin, begin + bytes, use == Use::write || use == Use::update});
}

void Check::may_alias(const char* a, const char* b) { aliases_.emplace_back(a, b); }

void Check::complete() {
  for (Pending& entry : pending_) {
    if (!ok()) return;
    bool known = true;
    for (int32_t i = 0; i < entry.rank; ++i) known = known && entry.shape[i]->known();
    if (!known) {
      if (entry.wanted) {
        stop(PCD_ERROR_ARGUMENT, "%s has no shape, and the size depends on it", entry.field);
      }
      continue;
    }
    entry.view->dtype = entry.type != nullptr ? entry.type->dtype() : entry.own.dtype();
    entry.view->rank = entry.rank;
    for (int32_t i = 0; i < static_cast<int32_t>(kMaxRank); ++i) {
      entry.view->shape[i] = i < entry.rank ? entry.shape[i]->value : 1;
    }
  }
  pending_.clear();
}

uint64_t Check::traffic() const {
  uint64_t bytes = 0;
  for (const Span& span : spans_) {
    if (std::strcmp(span.field, "workspace") != 0) bytes += static_cast<uint64_t>(span.end - span.begin);
  }
  return bytes;
}

void Check::overlaps() {
  const auto allowed = [&](const Span& a, const Span& b) {
    if (a.begin != b.begin || a.end != b.end) return false;
    for (const auto& [first, second] : aliases_) {
      if ((std::strcmp(a.field, first) == 0 && std::strcmp(b.field, second) == 0) ||
          (std::strcmp(a.field, second) == 0 && std::strcmp(b.field, first) == 0)) {
        return true;
      }
    }
    return false;
  };
  for (size_t i = 0; i < spans_.size(); ++i) {
    for (size_t j = i + 1; j < spans_.size(); ++j) {
      const Span& a = spans_[i];
      const Span& b = spans_[j];
      if (!(a.written || b.written) || a.end <= b.begin || b.end <= a.begin || allowed(a, b)) continue;
      stop(PCD_ERROR_ARGUMENT, "%s overlaps %s in memory, and %s is written", b.field, a.field,
           a.written ? a.field : b.field);
      return;
    }
  }
}

void Check::raw(const char* field, pcd_tensor& view, uint64_t needed, Use use) {
  if (!ok()) return;
  if (sizing() || use == Use::unused || needed == 0) {
    std::memset(&view, 0, sizeof(view));
    return;
  }
  if (view.buffer == nullptr) {
    stop(PCD_ERROR_ARGUMENT, "%s is absent (its buffer is NULL), expected U8 of at least %llu bytes", field,
         static_cast<unsigned long long>(needed));
    return;
  }
  ElementType type{type_bit(PCD_DTYPE_U8)};
  Extent bytes{"bytes"};
  tensor(field, view, type, {&bytes}, use, Need::required, kScratchAlignment);
  if (ok() && byte_count(view) < needed) {
    stop(PCD_ERROR_ARGUMENT, "%s holds %llu bytes, expected at least %llu (see its size query)", field,
         static_cast<unsigned long long>(byte_count(view)), static_cast<unsigned long long>(needed));
  }
}

uint64_t Check::pack_bytes(const pcd_pack_entry& entry) {
  uint64_t bytes = 0;
  std::string reason;
  const int32_t status = context_->backend->pack_size(entry, &bytes, reason);
  if (status != PCD_OK) stop(status, "%s", reason.c_str());
  return bytes;
}

void Check::packed(pcd_tensor& view, int32_t op, int32_t dtype, const Extent& channels, int64_t leads,
                   int64_t blocks) {
  if (!ok()) return;
  uint64_t needed = 0;
  if (!sizing()) {
    pcd_pack_entry entry;
    std::memset(&entry, 0, sizeof(entry));
    entry.op = op;
    entry.dtype = dtype;
    entry.channels = static_cast<int32_t>(channels.value);
    entry.leads = static_cast<int32_t>(leads);
    entry.blocks = static_cast<int32_t>(blocks);
    needed = pack_bytes(entry);
  }
  raw("packed", view, needed, Use::read);
}

void Check::packed_entry(const char* field, pcd_pack_entry& entry) {
  if (!ok()) return;
  raw(field, entry.packed, pack_bytes(entry), Use::write);
}

void Check::saved(pcd_tensor& view, const void* desc, uint32_t op_flags) {
  if (!ok()) return;
  uint64_t needed = 0;
  const bool wanted = (op_flags & PCD_FLAG_INFERENCE) == 0;
  if (wanted && !sizing()) {
    std::string reason;
    const int32_t status = context_->backend->saved_size(forward_of(op_), desc, &needed, reason);
    if (status != PCD_OK) stop(status, "%s", reason.c_str());
  }
  raw("saved", view, needed, backward_ ? Use::read : Use::write);
}

void Check::workspace(pcd_tensor& view, const void* desc) {
  if (!ok()) return;
  uint64_t needed = 0;
  if (!sizing()) {
    std::string reason;
    const int32_t status = context_->backend->workspace_size(op_, desc, &needed, reason);
    if (status != PCD_OK) stop(status, "%s", reason.c_str());
  }
  raw("workspace", view, needed, Use::write);
}

}  // namespace pcd
