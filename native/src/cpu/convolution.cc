// SPDX-License-Identifier: Apache-2.0
//
// convolution: any taps and stride, and its transpose. Between a longer signal and the shorter one that a
// convolution makes of it there are two maps, each the other's transpose:
//   shorten   row t of the shorter signal is one product of the taps · channels values from row t · stride of the
//             longer one on, which lie side by side in a copy with zeros at its ends: rows of the factor overlap.
//   lengthen  rows u of the longer signal with equal (u + padding) mod stride, a phase, meet the same taps: each phase
//             is such a product over rows of the shorter signal, whose results lie `stride` rows apart.
// Forward is the one, its input gradient the other; transposed they change places. Either way the gradient of the
// weights is the sum of outer products of shorten's factor with the shorter signal.
#include <cstdint>

#include "core/buffer.h"
#include "cpu/chunks.h"
#include "cpu/gemm.h"
#include "cpu/ops.h"
#include "cpu/rows.h"
#include "cpu/scratch.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int64_t block_rows = 64;      // rows of an outer product that stay in the first-level cache
constexpr int64_t sum_floats = 4096;  // partial sums that one chunk of work adds up

struct Signal {
  int64_t length, channels;
  int64_t floats() const { return length * channels; }
};

struct Shape {
  int64_t batch, taps, stride, padding;
  bool transposed;
  Signal longer, shorter;

  explicit Shape(const pcd_convolution_desc& d)
      : batch(d.input.shape[0]), taps(d.taps), stride(d.stride), padding(d.padding), transposed(d.transposed != 0) {
    const pcd_tensor& made = d.output.rank != 0 ? d.output : d.output_grad;
    const Signal input{d.input.shape[1], d.input.shape[2]};
    const Signal output{made.shape[1], made.shape[2]};
    longer = transposed ? output : input;
    shorter = transposed ? input : output;
  }
  const Signal& output() const { return transposed ? longer : shorter; }
  int64_t weights() const { return taps * longer.channels * shorter.channels; }

  // Shorten: rows that its factor reaches over, `padding` before the first sample.
  int64_t factor_rows() const { return (shorter.length - 1) * stride + taps; }
  // Lengthen: rows of the shorter signal that phase 0, which has most, takes together; zeros before the first and
  // behind the last.
  int64_t phase_taps(int64_t phase) const { return (taps - phase + stride - 1) / stride; }
  int64_t zeros_before() const { return phase_taps(0) - 1; }
  int64_t zeros_behind() const { return greatest(0, (longer.length - 1 + padding) / stride - (shorter.length - 1)); }
};

// A window with rows of zeros at its ends, in `room` where there are any.
struct Padding {
  int64_t before, rows;  // rows in all

  int64_t floats(const Signal& signal) const { return needed(signal) ? rows * signal.channels : 0; }
  bool needed(const Signal& signal) const { return before != 0 || rows > signal.length; }
  const float* apply(const Signal& signal, const float* window, float* room) const {
    if (!needed(signal)) return window;
    const int64_t c = signal.channels;
    const int64_t kept = least(signal.length, rows - before);
    fill_row(room, before * c, 0.0f);
    copy_row(window, kept * c, room + before * c);
    fill_row(room + (before + kept) * c, (rows - before - kept) * c, 0.0f);
    return room;
  }
};
Padding shorten_padding(const Shape& s) { return {s.padding, s.factor_rows()}; }
Padding lengthen_padding(const Shape& s) {
  return {s.zeros_before(), s.zeros_before() + s.shorter.length + s.zeros_behind()};
}

// Matrices of both maps, packed anew in each call: they are small beside the signals.
int64_t packed_floats(const Shape& s) {
  int64_t lengthen = 0;
  for (int64_t phase = 0; phase < s.stride; ++phase) {
    lengthen += packed_values(s.phase_taps(phase) * s.shorter.channels, s.longer.channels);
  }
  return greatest(packed_values(s.taps * s.longer.channels, s.shorter.channels), lengthen);
}

// [taps · longer channels, shorter channels] of weight [shorter, longer, taps].
void pack_shorten(const Shape& s, const float* weight, float* packed) {
  const int64_t rows = s.taps * s.longer.channels;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t tap = row / s.longer.channels, i = row % s.longer.channels;
    pack_row(weight + i * s.taps + tap, s.longer.channels * s.taps, row, rows, s.shorter.channels, packed);
  }
}

// Phase after phase [phase_taps · shorter channels, longer channels], the last tap first: rows of the shorter signal
// meet taps in falling order.
void pack_lengthen(const Shape& s, const float* weight, float* packed) {
  for (int64_t phase = 0; phase < s.stride; ++phase) {
    const int64_t taps = s.phase_taps(phase);
    const int64_t rows = taps * s.shorter.channels;
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t tap = phase + s.stride * (taps - 1 - row / s.shorter.channels);
      const int64_t o = row % s.shorter.channels;
      pack_row(weight + o * s.longer.channels * s.taps + tap, s.taps, row, rows, s.longer.channels, packed);
    }
    packed += packed_values(rows, s.longer.channels);
  }
}

// out = bias + addend + shorten(window); bias and addend may be null, addend may be out.
void shorten(const Shape& s, const float* packed, const float* bias, const float* addend, const float* window,
             float* room, float* out) {
  const float* a = shorten_padding(s).apply(s.longer, window, room);
  multiply_rows({packed, s.taps * s.longer.channels, s.shorter.channels, bias, addend, out, s.shorter.channels}, a,
                s.stride * s.longer.channels, s.shorter.length);
}

// out = bias + addend + lengthen(window), likewise.
void lengthen(const Shape& s, const float* packed, const float* bias, const float* addend, const float* window,
              float* room, float* out) {
  const int64_t c = s.longer.channels;
  const float* a = lengthen_padding(s).apply(s.shorter, window, room);
  for (int64_t phase = 0; phase < s.stride; ++phase) {
    const int64_t taps = s.phase_taps(phase);
    const int64_t k = taps * s.shorter.channels;
    // Rows u = q · stride + phase - padding of the longer signal, from its first on.
    const int64_t first = phase >= s.padding ? 0 : (s.padding - phase + s.stride - 1) / s.stride;
    const int64_t u = first * s.stride + phase - s.padding;
    if (u < s.longer.length) {
      const int64_t rows = (s.longer.length - 1 - u) / s.stride + 1;
      const float* begin = a + (s.zeros_before() + first - (taps - 1)) * s.shorter.channels;
      multiply_rows({packed, k, c, bias, addend == nullptr ? nullptr : addend + u * c, out + u * c, s.stride * c},
                    begin, s.shorter.channels, rows);
    }
    packed += packed_values(k, c);
  }
}

// Gradients of one chunk: weight [taps, longer, shorter], bias.
int64_t partial_floats(const Shape& s) { return aligned_floats(s.weights() + s.output().channels); }

int64_t room_floats(const Shape& s) {
  return aligned_floats(greatest(shorten_padding(s).floats(s.longer), lengthen_padding(s).floats(s.shorter)));
}

struct Workspace {
  Scratch memory;
  float* packed;
  float* rooms;     // of one worker each
  float* partials;  // of one chunk each

  Workspace(float* base, const Pool& pool, const Shape& s, bool backward)
      : memory(base),
        packed(memory.take(packed_floats(s))),
        rooms(memory.take(pool.threads() * room_floats(s))),
        partials(memory.take(backward ? Chunks(s.batch).count * partial_floats(s) : 0)) {}
};

// What a chunk of windows adds to the gradients of the parameters.
void add_gradients(const Shape& s, const float* longer, const float* shorter, const float* output_grad, float* room,
                   float* sums) {
  const int64_t k = s.taps * s.longer.channels, n = s.shorter.channels;
  const float* factor = shorten_padding(s).apply(s.longer, longer, room);
  const int64_t step = s.stride * s.longer.channels;
  for (int64_t t = 0; t < s.shorter.length; t += block_rows) {
    const int64_t rows = least(block_rows, s.shorter.length - t);
    outer_product({factor + t * step, step, k, shorter + t * n, n, n, rows, sums, n, true});
  }
  add_rows(output_grad, s.output().length, s.output().channels, sums + s.weights());
}

// Adds the chunks' sums up and puts the weights' in the parameters' order.
void write_gradients(Pool& pool, const Shape& s, float* partials, bool accumulate, float* gradient) {
  const int64_t floats = s.weights() + s.output().channels;
  const int64_t stride = partial_floats(s), count = Chunks(s.batch).count;
  pool.run((floats + sum_floats - 1) / sum_floats, [&](int64_t piece) {
    const int64_t first = piece * sum_floats;
    add_partials(partials + first, stride, count, least(sum_floats, floats - first));
  });
  const int64_t c = s.longer.channels, n = s.shorter.channels;
  pool.run(n, [&](int64_t o) {
    for (int64_t i = 0; i < c; ++i) {
      float* to = gradient + (o * c + i) * s.taps;
      for (int64_t tap = 0; tap < s.taps; ++tap) {
        const float sum = partials[(tap * c + i) * n + o];
        to[tap] = accumulate ? to[tap] + sum : sum;
      }
    }
  });
  write_gradient(partials + s.weights(), s.output().channels, accumulate, gradient + s.weights(), 1);
}

}  // namespace

uint64_t convolution_workspace(const Pool& pool, const pcd_convolution_desc& d) {
  return Workspace(nullptr, pool, Shape(d), true).memory.bytes();
}

int32_t convolution_forward(Pool& pool, const pcd_convolution_desc& d) {
  const Shape s(d);
  const Workspace w(data<float>(d.workspace), pool, s, false);
  const float* weight = data<const float>(d.parameters);
  const float* addend = present(d.addend) ? data<const float>(d.addend) : nullptr;
  const auto pack = s.transposed ? pack_lengthen : pack_shorten;
  const auto map = s.transposed ? lengthen : shorten;
  const int64_t from = (s.transposed ? s.shorter : s.longer).floats();
  const int64_t to = s.output().floats();
  pack(s, weight, w.packed);
  pool.run(s.batch, [&](int64_t window, int worker) {
    map(s, w.packed, weight + s.weights(), addend == nullptr ? nullptr : addend + window * to,
        data<const float>(d.input) + window * from, w.rooms + worker * room_floats(s),
        data<float>(d.output) + window * to);
  });
  return PCD_OK;
}

int32_t convolution_backward(Pool& pool, const pcd_convolution_desc& d) {
  const Shape s(d);
  const Chunks chunks(s.batch);
  const Workspace w(data<float>(d.workspace), pool, s, true);
  const bool wanted = present(d.input_grad);
  const bool add = (d.flags & PCD_FLAG_ACCUMULATE_INPUT) != 0;
  const float* input = data<const float>(d.input);
  const float* output_grad = data<const float>(d.output_grad);
  float* input_grad = wanted ? data<float>(d.input_grad) : nullptr;
  const auto pack = s.transposed ? pack_shorten : pack_lengthen;
  const auto map = s.transposed ? shorten : lengthen;
  const int64_t from = (s.transposed ? s.shorter : s.longer).floats();
  const int64_t to = s.output().floats();
  if (wanted) pack(s, data<const float>(d.parameters), w.packed);
  pool.run(chunks.count, [&](int64_t chunk, int worker) {
    float* room = w.rooms + worker * room_floats(s);
    float* sums = w.partials + chunk * partial_floats(s);
    fill_row(sums, partial_floats(s), 0.0f);
    for (int64_t window = chunks.first(chunk); window < chunks.end(chunk); ++window) {
      const float* x = input + window * from;
      const float* dy = output_grad + window * to;
      add_gradients(s, s.transposed ? dy : x, s.transposed ? x : dy, dy, room, sums);
      if (wanted) {
        float* dx = input_grad + window * from;
        map(s, w.packed, nullptr, add ? dx : nullptr, dy, room, dx);
      }
    }
  });
  write_gradients(pool, s, w.partials, (d.flags & PCD_FLAG_ACCUMULATE) != 0, data<float>(d.parameter_grad));
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
