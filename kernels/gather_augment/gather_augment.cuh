// SPDX-License-Identifier: Apache-2.0
//
// gather_augment: windows of the int16 set -> standardised inputs and targets in mV (precordia.h states the formula,
// the use of every random word and the rounding). A block a window; a thread takes every blockDim.x-th sample.
//
// Products and sums of a clean window are written with __fmul_rn and __fadd_rn, which the compiler does not contract,
// so that they equal the CPU's bit for bit.
#ifndef PCD_KERNELS_GATHER_AUGMENT_CUH
#define PCD_KERNELS_GATHER_AUGMENT_CUH

#include "common/device.cuh"
#include "common/philox.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::gather {

constexpr int kStored = PCD_STORED_LEADS;
constexpr int16_t kInvalid = -32768;
constexpr uint32_t kWholeWindow = 255;

struct Arguments {
  const pcd_step_state* state;
  const int16_t* samples;
  const int64_t* records;
  const uint64_t* record_labels;
  const int32_t* index;
  const float* input_mix;
  const float* target_mix;
  const float* mean;
  const float* deviation;
  float* inputs;
  float* targets;
  uint64_t* labels;
  int32_t* groups;
  const int64_t* excerpts;
  int64_t entries, batch_offset;
  int32_t window, n_inputs, n_targets, words;
  int32_t view, shift;
  uint32_t flags;
  float gain_sd, stretch_probability, stretch_sd, lead_gain_sd, noise_mv, noise_sd, dropout, millivolt;
};

// Where a window's samples come from, after the draws that concern all leads.
struct Source {
  const int16_t* samples;  // lead-major [8, count]: samples [first, first + count) of the record
  int64_t first, count;
  int64_t length, start;  // of the record; where the window begins in it
  double centre, stretch;
  float gain;
};

PCD_DEVICE float count_at(const Source& source, const int16_t* lead, int64_t t) {
  const int64_t i = t - source.first;
  const int16_t value = lead[i < 0 ? 0 : (i >= source.count ? source.count - 1 : i)];
  return value == kInvalid ? 0.0f : static_cast<float>(value);
}

PCD_DEVICE float interpolate(const Source& source, const int16_t* lead, double position) {
  const double clamped = fmax(0.0, fmin(position, static_cast<double>(source.length - 1)));
  const int64_t i = static_cast<int64_t>(clamped);
  const float f = static_cast<float>(clamped - static_cast<double>(i));
  const float a = count_at(source, lead, i - 1), b = count_at(source, lead, i);
  const float c = count_at(source, lead, i + 1), d = count_at(source, lead, i + 2);
  const float linear = 0.5f * (c - a);
  const float square = a - 2.5f * b + 2.0f * c - 0.5f * d;
  const float cube = 0.5f * (d - a) + 1.5f * (b - c);
  return __fadd_rn(b, __fmul_rn(f, __fadd_rn(linear, __fmul_rn(f, __fadd_rn(square, __fmul_rn(f, cube))))));
}

PCD_DEVICE Source locate(const Arguments& g, const pcd_step_state& state, uint32_t entry, int64_t row) {
  const int64_t* record = g.records + 2 * static_cast<int64_t>(g.index[2 * static_cast<int64_t>(entry)]);
  Source source{g.samples + record[0], 0,   record[1], record[1], g.index[2 * static_cast<int64_t>(entry) + 1],
                0.0,                   1.0, 1.0f};
  if (g.excerpts != nullptr) {
    source.samples = g.samples + g.excerpts[3 * row];
    source.first = g.excerpts[3 * row + 1];
    source.count = g.excerpts[3 * row + 2];
  }
  const uint32_t epoch = static_cast<uint32_t>(state.epoch);
  const uint32_t stream = static_cast<uint32_t>(g.view) << 8 | kWholeWindow;
  const Philox draw(state.seed, entry, epoch, stream, 0);
  if ((g.flags & PCD_FLAG_FREE_CROP) != 0) {
    const int64_t spare = source.length - g.window;
    source.start = static_cast<int64_t>(draw.uniform(0) * static_cast<double>((spare > 0 ? spare : 0) + 1));
  }
  if (g.shift > 0) source.start += static_cast<int64_t>(draw.uniform(1) * (2.0 * g.shift + 1.0)) - g.shift;
  if (g.gain_sd > 0 || g.stretch_probability > 0) {
    float gain = 0, stretch = 0;
    Philox(state.seed, entry, epoch, stream, 1).normals(0, &gain, &stretch);
    if (g.gain_sd > 0) source.gain = expf(g.gain_sd * gain);
    if (draw.uniform(2) < g.stretch_probability) {
      source.stretch = exp(static_cast<double>(g.stretch_sd) * static_cast<double>(stretch));
    }
  }
  source.centre = static_cast<double>(source.start) + 0.5 * static_cast<double>(g.window - 1);
  return source;
}

PCD_DEVICE float read(const Source& source, int lead, int window, int t) {
  const int16_t* samples = source.samples + lead * source.count;
  const float value = source.stretch == 1.0
                          ? count_at(source, samples, source.start + t)
                          : interpolate(source, samples, source.centre + (t - 0.5 * (window - 1)) * source.stretch);
  return __fmul_rn(value, source.gain);
}

PCD_DEVICE float mixed(const float* coefficients, const float* stored, float millivolt) {
  float sum = 0.0f;
#pragma unroll
  for (int lead = 0; lead < kStored; ++lead) sum = __fadd_rn(sum, __fmul_rn(coefficients[lead], stored[lead]));
  return __fmul_rn(sum, millivolt);
}

// The draws of one input lead that hold for the whole window.
struct LeadDraw {
  bool dropped;
  float gain;
};

PCD_DEVICE LeadDraw draw_lead(const Arguments& g, const pcd_step_state& state, uint32_t entry, int lead) {
  LeadDraw result{false, 1.0f};
  if (g.lead_gain_sd > 0 || g.dropout > 0) {
    const Philox draw(state.seed, entry, static_cast<uint32_t>(state.epoch),
                      static_cast<uint32_t>(g.view) << 8 | lead, 0);
    result.dropped = draw.uniform(2) < g.dropout;
    float normal, unused;
    draw.normals(0, &normal, &unused);
    if (g.lead_gain_sd > 0) result.gain = expf(g.lead_gain_sd * normal);
  }
  return result;
}

PCD_KERNEL void gather_augment(Arguments g) {
  const pcd_step_state state = *g.state;
  const uint64_t position = state.cursor + static_cast<uint64_t>(g.batch_offset + blockIdx.x);
  const uint32_t entry = static_cast<uint32_t>(position % static_cast<uint64_t>(g.entries));
  __shared__ Source source;
  __shared__ LeadDraw draws[PCD_MAX_LEADS];
  __shared__ double sums[2][32];
  __shared__ float standard[2];
  if (threadIdx.x == 0) source = locate(g, state, entry, blockIdx.x);
  if (static_cast<int32_t>(threadIdx.x) < g.n_inputs) draws[threadIdx.x] = draw_lead(g, state, entry, threadIdx.x);
  __syncthreads();

  const bool joint = (g.flags & PCD_FLAG_NORMALISE_WINDOW) != 0;
  if (joint) {  // one pair of moments over all inputs of the clean window
    double sum = 0, square = 0;
    for (int t = threadIdx.x; t < g.window; t += blockDim.x) {
      float stored[kStored];
      for (int lead = 0; lead < kStored; ++lead) stored[lead] = read(source, lead, g.window, t);
      for (int i = 0; i < g.n_inputs; ++i) {
        const double value = mixed(g.input_mix + i * kStored, stored, g.millivolt);
        sum += value;
        square += value * value;
      }
    }
    sum = block_sum(sum, sums[0]);
    square = block_sum(square, sums[1]);
    if (threadIdx.x == 0) {
      const double count = static_cast<double>(g.window) * g.n_inputs, mean = sum / count;
      standard[0] = static_cast<float>(mean);
      standard[1] = static_cast<float>(1.0 / fmax(sqrt(fmax(square / count - mean * mean, 0.0)), 1e-6));
    }
    __syncthreads();
  }

  for (int t = threadIdx.x; t < g.window; t += blockDim.x) {
    float stored[kStored];
    for (int lead = 0; lead < kStored; ++lead) stored[lead] = read(source, lead, g.window, t);
    const int64_t row = static_cast<int64_t>(blockIdx.x) * g.window + t;
    for (int i = 0; i < g.n_targets; ++i) {
      g.targets[row * g.n_targets + i] = mixed(g.target_mix + i * kStored, stored, g.millivolt);
    }
    for (int i = 0; i < g.n_inputs; ++i) {
      float value = mixed(g.input_mix + i * kStored, stored, g.millivolt);
      float volt = 0, unit = 0;
      if (g.noise_mv > 0 || g.noise_sd > 0) {
        const Philox noise(state.seed, entry, static_cast<uint32_t>(state.epoch),
                           static_cast<uint32_t>(g.view) << 8 | i, 1 + t / 2);
        float even, odd;
        if (g.noise_mv > 0) {
          noise.normals(0, &even, &odd);
          volt = t % 2 == 0 ? even : odd;
        }
        if (g.noise_sd > 0) {
          noise.normals(2, &even, &odd);
          unit = t % 2 == 0 ? even : odd;
        }
      }
      value = __fadd_rn(__fmul_rn(value, draws[i].gain), __fmul_rn(g.noise_mv, volt));
      const float mean = joint ? standard[0] : g.mean[i];
      const float reciprocal = joint ? standard[1] : __frcp_rn(g.deviation[i]);
      value = __fadd_rn(__fmul_rn(__fsub_rn(value, mean), reciprocal), __fmul_rn(g.noise_sd, unit));
      g.inputs[row * g.n_inputs + i] = draws[i].dropped ? 0.0f : value;
    }
  }
  if (static_cast<int32_t>(threadIdx.x) < g.words) {
    const int64_t record = g.index[2 * static_cast<int64_t>(entry)];
    g.labels[static_cast<int64_t>(blockIdx.x) * g.words + threadIdx.x] =
        g.record_labels[record * g.words + threadIdx.x];
  }
  if (g.groups != nullptr && threadIdx.x == 0) g.groups[blockIdx.x] = static_cast<int32_t>(entry);
}

}  // namespace pcd::kernels::gather

#endif
