// SPDX-License-Identifier: Apache-2.0
//
// A context and a stream of the public ABI for tests, and the memory of one case.
//
// Every tensor lies between guard bytes; outputs, workspaces and saved memory start out as NaN patterns.
// finish() finds writes outside a tensor and changes of an input. In recorded mode each op is recorded as a
// graph and replayed.
#ifndef PCD_TESTS_SUPPORT_DEVICE_H
#define PCD_TESTS_SUPPORT_DEVICE_H

#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "precordia/precordia.h"
#include "reference/cast.h"

namespace pcd::test {

// A status other than PCD_OK, with the sentence of the context.
struct StatusError : std::runtime_error {
  int32_t status;
  StatusError(int32_t code, const std::string& message)
      : std::runtime_error(std::string(pcd_status_name(code)) + ": " + message), status(code) {}
};

inline int64_t dtype_size(int32_t dtype) {
  switch (dtype) {
    case PCD_DTYPE_U8:
      return 1;
    case PCD_DTYPE_BF16:
    case PCD_DTYPE_I16:
      return 2;
    case PCD_DTYPE_F32:
    case PCD_DTYPE_I32:
      return 4;
    default:
      return 8;
  }
}

template <typename T>
constexpr int32_t dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return PCD_DTYPE_F32;
  else if constexpr (std::is_same_v<T, double>)
    return PCD_DTYPE_F64;
  else if constexpr (std::is_same_v<T, int16_t>)
    return PCD_DTYPE_I16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return PCD_DTYPE_I32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return PCD_DTYPE_I64;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return PCD_DTYPE_U64;
  else
    return PCD_DTYPE_U8;
}

struct DeviceOptions {
  int32_t backend = PCD_BACKEND_CPU;
  std::string instruction_set;  // "" = the best
  int32_t threads = 1;
  int32_t device = 0;
};

class Device {
 public:
  using Shape = std::initializer_list<int64_t>;

  explicit Device(const DeviceOptions& options) : options_(options) {
    pcd_context_desc desc{};
    desc.struct_size = sizeof desc;
    desc.backend = options.backend;
    desc.threads = options.threads;
    desc.device = options.device;
    std::strncpy(desc.instruction_set, options.instruction_set.c_str(), sizeof desc.instruction_set - 1);
    char message[512] = "";
    const int32_t status = pcd_context_create(&desc, &context_, message, sizeof message);
    if (status != PCD_OK) throw StatusError(status, message);
    check(pcd_stream_create(context_, &stream_));
  }

  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  ~Device() {
    clear();
    pcd_stream_destroy(stream_);
    pcd_context_destroy(context_);
  }

  const DeviceOptions& options() const { return options_; }
  pcd_context* context() const { return context_; }
  pcd_stream* stream() const { return stream_; }
  bool recorded = false;

  void check(int32_t status) const {
    if (status != PCD_OK) throw StatusError(status, pcd_context_message(context_));
  }

  // -- tensors of a case

  // Must keep its values until finish().
  template <typename T>
  pcd_tensor input(const std::vector<T>& values, Shape shape, int32_t dtype = dtype_of<T>()) {
    return add(encode(values, dtype), shape, dtype, true);
  }

  // Read and written by the op.
  template <typename T>
  pcd_tensor inout(const std::vector<T>& values, Shape shape, int32_t dtype = dtype_of<T>()) {
    return add(encode(values, dtype), shape, dtype, false);
  }

  // Parameters and their gradients are pieces of flat buffers: these begin one element off any alignment.
  pcd_tensor parameters(const std::vector<float>& values) {
    return add(encode(values, PCD_DTYPE_F32), {static_cast<int64_t>(values.size())}, PCD_DTYPE_F32, true, 4);
  }

  // To be written, or added to when ACCUMULATE has put `initial` there.
  pcd_tensor parameter_grad(int64_t count, const std::vector<float>& initial = {}) {
    std::vector<uint8_t> contents = encode(initial, PCD_DTYPE_F32);
    if (initial.empty()) contents.assign(static_cast<size_t>(4 * count), 0xFF);
    return add(contents, {count}, PCD_DTYPE_F32, false, 4);
  }

  // To be written, every element of it.
  pcd_tensor output(Shape shape, int32_t dtype = PCD_DTYPE_F32) {
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    return add(std::vector<uint8_t>(static_cast<size_t>(count * dtype_size(dtype)), 0xFF), shape, dtype,
               false);
  }

  // Workspace, saved or packed memory; absent for 0 bytes.
  pcd_tensor bytes(uint64_t count) {
    if (count == 0) return pcd_tensor{};
    return output({static_cast<int64_t>(count)}, PCD_DTYPE_U8);
  }

  template <typename D>
  pcd_tensor workspace(int32_t (*size)(pcd_context*, const D*, uint64_t*), const D& desc) {
    uint64_t count = 0;
    check(size(context_, &desc, &count));
    return bytes(count);
  }

  // Packs parameters for an op; the descriptor's `packed` view.
  pcd_tensor pack(int32_t op, int32_t dtype, int64_t channels, int64_t leads, int64_t blocks,
                  const pcd_tensor& parameters) {
    pcd_pack_desc desc{};
    desc.struct_size = sizeof desc;
    desc.count = 1;
    pcd_pack_entry& entry = desc.entries[0];
    entry.op = op;
    entry.dtype = dtype;
    entry.channels = static_cast<int32_t>(channels);
    entry.leads = static_cast<int32_t>(leads);
    entry.blocks = static_cast<int32_t>(blocks);
    entry.parameters = parameters;
    uint64_t count = 0;
    check(pcd_pack_size(context_, &entry, &count));
    if (count == 0) return pcd_tensor{};
    entry.packed = bytes(count);
    call(pcd_pack, desc);
    return entry.packed;
  }

  // Runs an op, or records and replays it.
  template <typename D>
  void call(int32_t (*op)(pcd_stream*, const D*), const D& desc) {
    if (!recorded) {
      check(op(stream_, &desc));
      return;
    }
    pcd_graph* graph = nullptr;
    check(pcd_graph_begin(stream_));
    const int32_t status = op(stream_, &desc);
    const std::string message = pcd_context_message(context_);
    const int32_t ended = pcd_graph_end(stream_, &graph);
    if (status != PCD_OK) {
      pcd_graph_destroy(graph);
      throw StatusError(status, message);
    }
    check(ended);
    const int32_t launched = pcd_graph_launch(graph, stream_);
    const std::string launch_message = pcd_context_message(context_);
    check(pcd_graph_destroy(graph));
    if (launched != PCD_OK) throw StatusError(launched, launch_message);
  }

  std::vector<uint8_t> read_bytes(const pcd_tensor& tensor) const {
    int64_t count = 1;
    for (int32_t i = 0; i < tensor.rank; ++i) count *= tensor.shape[i];
    std::vector<uint8_t> raw(static_cast<size_t>(count * dtype_size(tensor.dtype)));
    check(pcd_download(stream_, &tensor, raw.data(), raw.size()));
    return raw;
  }

  // Values of any type, exactly, except integers beyond 2^53.
  std::vector<double> read(const pcd_tensor& tensor) const {
    return decode(read_bytes(tensor), tensor.dtype);
  }

  // Waits, throws when a guard byte or an input changed, and gives the case's memory back.
  void finish() {
    check(pcd_stream_synchronize(stream_));
    std::string broken;
    for (const Block& block : blocks_) {
      pcd_tensor whole{};
      whole.buffer = block.buffer;
      whole.dtype = PCD_DTYPE_U8;
      whole.rank = 1;
      whole.shape[0] = static_cast<int64_t>(block.image.size());
      whole.shape[1] = whole.shape[2] = whole.shape[3] = 1;
      const std::vector<uint8_t> now = read_bytes(whole);
      if (std::memcmp(now.data(), block.image.data(), block.constant ? now.size() : block.front) == 0 &&
          std::memcmp(now.data() + now.size() - kGuard, block.image.data() + now.size() - kGuard, kGuard) ==
              0) {
        continue;
      }
      for (size_t i = 0; i < now.size() && broken.empty(); ++i) {
        const bool inside = i >= block.front && i < block.image.size() - kGuard;
        if (now[i] == block.image[i] || (inside && !block.constant)) continue;
        broken = (inside ? "an input changed" : "a byte outside the tensor was written") +
                 std::string(": tensor ") + std::to_string(&block - blocks_.data()) + " of the case, byte " +
                 std::to_string(static_cast<int64_t>(i) - static_cast<int64_t>(block.front)) + " of " +
                 std::to_string(block.image.size() - block.front - kGuard);
      }
    }
    clear();
    if (!broken.empty()) throw std::runtime_error(broken);
  }

  void clear() {
    for (const Block& block : blocks_) pcd_buffer_destroy(block.buffer);
    blocks_.clear();
  }

  static std::vector<double> decode(const std::vector<uint8_t>& raw, int32_t dtype) {
    switch (dtype) {
      case PCD_DTYPE_F32:
        return decode_as<float>(raw);
      case PCD_DTYPE_F64:
        return decode_as<double>(raw);
      case PCD_DTYPE_I16:
        return decode_as<int16_t>(raw);
      case PCD_DTYPE_I32:
        return decode_as<int32_t>(raw);
      case PCD_DTYPE_I64:
        return decode_as<int64_t>(raw);
      case PCD_DTYPE_U64:
        return decode_as<uint64_t>(raw);
      case PCD_DTYPE_U8:
        return decode_as<uint8_t>(raw);
      default:
        break;
    }
    std::vector<double> values;
    for (size_t i = 0; i + 1 < raw.size(); i += 2) {
      values.push_back(reference::from_bf16(static_cast<uint16_t>(raw[i] | raw[i + 1] << 8)));
    }
    return values;
  }

  template <typename T>
  static std::vector<uint8_t> encode(const std::vector<T>& values, int32_t dtype) {
    std::vector<uint8_t> raw(values.size() * static_cast<size_t>(dtype_size(dtype)));
    if (dtype == dtype_of<T>()) {
      if (!raw.empty()) std::memcpy(raw.data(), values.data(), raw.size());
      return raw;
    }
    if (dtype != PCD_DTYPE_BF16) throw std::logic_error("test data of another type");
    for (size_t i = 0; i < values.size(); ++i) {
      const uint16_t bits = reference::to_bf16(static_cast<double>(values[i]));
      std::memcpy(raw.data() + 2 * i, &bits, 2);
    }
    return raw;
  }

 private:
  static constexpr size_t kGuard = 256;  // keeps the alignment of whole buffers

  struct Block {
    pcd_buffer* buffer;
    std::vector<uint8_t> image;  // guard, contents, guard
    bool constant;
    size_t front;  // bytes before the contents
  };

  template <typename T>
  static std::vector<double> decode_as(const std::vector<uint8_t>& raw) {
    std::vector<T> values(raw.size() / sizeof(T));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return std::vector<double>(values.begin(), values.end());
  }

  pcd_tensor add(const std::vector<uint8_t>& contents, Shape shape, int32_t dtype, bool constant,
                 size_t skew = 0) {
    const size_t front = kGuard + skew;
    Block block{nullptr, std::vector<uint8_t>(front + contents.size() + kGuard, 0xA5), constant, front};
    if (!contents.empty()) std::memcpy(block.image.data() + front, contents.data(), contents.size());
    check(pcd_buffer_create(stream_, block.image.size(), PCD_MEMORY_DEVICE, &block.buffer));
    blocks_.push_back(block);
    pcd_tensor tensor{};
    tensor.buffer = block.buffer;
    tensor.dtype = PCD_DTYPE_U8;
    tensor.rank = 1;
    tensor.shape[0] = static_cast<int64_t>(block.image.size());
    tensor.shape[1] = tensor.shape[2] = tensor.shape[3] = 1;
    check(pcd_upload(stream_, block.image.data(), block.image.size(), &tensor));
    tensor.offset = front;
    tensor.dtype = dtype;
    tensor.rank = static_cast<int32_t>(shape.size());
    int32_t axis = 0;
    for (int64_t extent : shape) tensor.shape[axis++] = extent;
    for (; axis < 4; ++axis) tensor.shape[axis] = 1;
    return tensor;
  }

  DeviceOptions options_;
  pcd_context* context_ = nullptr;
  pcd_stream* stream_ = nullptr;
  std::vector<Block> blocks_;
};

// A structure as the contents of a U8 tensor, and back.
template <typename S>
std::vector<uint8_t> as_bytes(const S& structure) {
  std::vector<uint8_t> raw(sizeof(S));
  std::memcpy(raw.data(), &structure, sizeof(S));
  return raw;
}

template <typename S>
S from_bytes(const std::vector<uint8_t>& raw) {
  S structure;
  std::memcpy(&structure, raw.data(), sizeof(S));
  return structure;
}

inline void round_to_bf16(std::vector<float>& values) {
  for (float& value : values) value = static_cast<float>(reference::from_bf16(reference::to_bf16(value)));
}

template <typename D>
D descriptor() {
  D desc{};
  desc.struct_size = sizeof(D);
  return desc;
}

}  // namespace pcd::test

#endif
