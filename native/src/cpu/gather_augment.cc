// SPDX-License-Identifier: Apache-2.0
//
// gather_augment: windows of the int16 set -> standardised inputs and targets in mV (precordia.h states the formula
// and the use of every random word). One window a task; nothing depends on the number of threads.
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/ops.h"
#include "cpu/philox.h"
#include "cpu/pool.h"
#include "cpu/rows.h"

// Contraction would round a clean window differently on different instruction sets.
#pragma GCC optimize("fp-contract=off")

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int kStored = PCD_STORED_LEADS;
constexpr int16_t kInvalid = -32768;
constexpr uint32_t kWholeWindow = 255;
constexpr int64_t kTile = 256;  // samples of a window that are built at a time; even, as noise comes in pairs

// Where a window's samples come from, after the draws that concern all leads.
struct Source {
  const int16_t* samples;  // lead-major [8, count]: samples [first, first + count) of the record
  int64_t first, count;
  int64_t length;          // of the record
  int64_t start;           // first sample when nothing is stretched
  double centre;
  double stretch;          // 1: whole samples, no interpolation
  float gain;
};

inline float count_at(const Source& source, const int16_t* lead, int64_t t) {
  const int16_t value = lead[greatest(0, least(t - source.first, source.count - 1))];
  return value == kInvalid ? 0.0f : static_cast<float>(value);
}

// Cubic Hermite with Catmull–Rom slopes through the four samples around `position`, which lies inside the record.
inline float interpolate(const Source& source, const int16_t* lead, double position) {
  const double clamped = std::fmax(0.0, std::fmin(position, static_cast<double>(source.length - 1)));
  const int64_t i = static_cast<int64_t>(clamped);
  const float f = static_cast<float>(clamped - static_cast<double>(i));
  const float a = count_at(source, lead, i - 1), b = count_at(source, lead, i);
  const float c = count_at(source, lead, i + 1), d = count_at(source, lead, i + 2);
  const float linear = 0.5f * (c - a);
  const float square = a - 2.5f * b + 2.0f * c - 0.5f * d;
  const float cube = 0.5f * (d - a) + 1.5f * (b - c);
  return b + f * (linear + f * (square + f * cube));
}

Source locate(const pcd_gather_augment_desc& d, const pcd_step_state& state, uint32_t entry, int64_t row,
              int64_t window) {
  const int32_t* index = data<const int32_t>(d.index) + 2 * static_cast<int64_t>(entry);
  const int64_t* record = data<const int64_t>(d.records) + 2 * static_cast<int64_t>(index[0]);
  Source source{data<const int16_t>(d.samples) + record[0], 0, record[1], record[1], index[1], 0.0, 1.0, 1.0f};
  if (present(d.excerpts)) {
    const int64_t* excerpt = data<const int64_t>(d.excerpts) + 3 * row;
    source.samples = data<const int16_t>(d.samples) + excerpt[0];
    source.first = excerpt[1];
    source.count = excerpt[2];
  }
  const uint32_t epoch = static_cast<uint32_t>(state.epoch);
  const uint32_t stream = static_cast<uint32_t>(d.view) << 8 | kWholeWindow;
  const Philox draw(state.seed, entry, epoch, stream, 0);
  if ((d.flags & PCD_FLAG_FREE_CROP) != 0) {
    const int64_t places = greatest(source.length - window, 0) + 1;
    source.start = static_cast<int64_t>(draw.uniform(0) * static_cast<double>(places));
  }
  if (d.shift > 0) {
    source.start += static_cast<int64_t>(draw.uniform(1) * (2.0 * d.shift + 1.0)) - d.shift;
  }
  if (d.gain_sd > 0 || d.stretch_probability > 0) {
    float gain = 0, stretch = 0;
    Philox(state.seed, entry, epoch, stream, 1).normals(0, &gain, &stretch);
    if (d.gain_sd > 0) source.gain = std::exp(d.gain_sd * gain);
    if (draw.uniform(2) < d.stretch_probability) source.stretch = std::exp(double{d.stretch_sd} * stretch);
  }
  source.centre = static_cast<double>(source.start) + 0.5 * static_cast<double>(window - 1);
  return source;
}

// Samples [begin, begin + n) of one stored lead of the window, in counts times the common gain.
void read_lead(const Source& source, int lead, int64_t window, int64_t begin, int64_t n, float* out) {
  const int16_t* samples = source.samples + lead * source.count;
  if (source.stretch == 1.0) {
    for (int64_t t = 0; t < n; ++t) out[t] = count_at(source, samples, source.start + begin + t);
  } else {
    const double half = 0.5 * static_cast<double>(window - 1);
    for (int64_t t = 0; t < n; ++t) {
      const double position = source.centre + (static_cast<double>(begin + t) - half) * source.stretch;
      out[t] = interpolate(source, samples, position);
    }
  }
  if (source.gain != 1.0f) {
    for (int64_t t = 0; t < n; ++t) out[t] *= source.gain;
  }
}

// row = Σ mix · stored lead, in mV. Counts are mixed first: with coefficients of 1 and 1/2 that is exact.
void mix(const float* coefficients, const float (*stored)[kTile], int64_t n, float millivolt, float* row) {
  fill_row(row, n, 0.0f);
  for (int lead = 0; lead < kStored; ++lead) {
    const float c = coefficients[lead];
    if (c == 0.0f) continue;
    const float* x = stored[lead];
    for (int64_t t = 0; t < n; ++t) row[t] += c * x[t];
  }
  for (int64_t t = 0; t < n; ++t) row[t] *= millivolt;
}

// How input leads are standardised: (v - mean) · reciprocal.
struct Standard {
  float mean[PCD_MAX_LEADS], reciprocal[PCD_MAX_LEADS];
};

// A piece of the window: stored leads, then the mixed rows in mV.
struct Tile {
  float stored[kStored][kTile];
  float rows[PCD_MAX_LEADS][kTile];
};

// Which stored leads a set of mixes reads.
void mark_used(const pcd_tensor& mixes, bool used[kStored]) {
  if (!present(mixes)) return;
  const float* coefficients = data<const float>(mixes);
  for (int64_t i = 0; i < mixes.shape[0] * kStored; ++i) used[i % kStored] |= coefficients[i] != 0.0f;
}

void read_stored(const Source& source, const bool used[kStored], int64_t window, int64_t begin, int64_t n, Tile& tile) {
  for (int lead = 0; lead < kStored; ++lead) {
    if (used[lead]) read_lead(source, lead, window, begin, n, tile.stored[lead]);
  }
}

// One pair of moments over all inputs of the clean window (recipe `paper`).
Standard joint_standard(const pcd_gather_augment_desc& d, const Source& source, const bool used[kStored],
                        float millivolt, Tile& tile) {
  const int64_t window = d.inputs.shape[1], inputs = d.inputs.shape[2];
  double sum = 0, square = 0;
  for (int64_t begin = 0; begin < window; begin += kTile) {
    const int64_t n = least(kTile, window - begin);
    read_stored(source, used, window, begin, n, tile);
    for (int64_t i = 0; i < inputs; ++i) {
      mix(data<const float>(d.input_mix) + i * kStored, tile.stored, n, millivolt, tile.rows[i]);
      for (int64_t t = 0; t < n; ++t) {
        sum += tile.rows[i][t];
        square += double{tile.rows[i][t]} * tile.rows[i][t];
      }
    }
  }
  const double count = static_cast<double>(window * inputs), mean = sum / count;
  const double deviation = std::fmax(std::sqrt(std::fmax(square / count - mean * mean, 0.0)), 1e-6);
  Standard standard;
  for (int64_t i = 0; i < inputs; ++i) {
    standard.mean[i] = static_cast<float>(mean);
    standard.reciprocal[i] = static_cast<float>(1.0 / deviation);
  }
  return standard;
}

// The draws of one input lead that hold for the whole window.
struct LeadDraw {
  bool dropped = false;
  float gain = 1.0f;

  LeadDraw(const pcd_gather_augment_desc& d, const pcd_step_state& state, uint32_t entry, uint32_t stream) {
    if (!(d.lead_gain_sd > 0 || d.dropout > 0)) return;
    const Philox draw(state.seed, entry, static_cast<uint32_t>(state.epoch), stream, 0);
    dropped = draw.uniform(2) < d.dropout;
    float normal = 0, unused = 0;
    draw.normals(0, &normal, &unused);
    if (d.lead_gain_sd > 0) gain = std::exp(d.lead_gain_sd * normal);
  }
};

// Augments and standardises samples [begin, begin + n) of one input lead; `begin` is even. `out` has a stride, since
// leads are interleaved in the result.
void write_input(const pcd_gather_augment_desc& d, const pcd_step_state& state, uint32_t entry, int64_t lead,
                 const Standard& standard, int64_t begin, int64_t n, float* row, float* out, int64_t stride) {
  const uint32_t stream = static_cast<uint32_t>(d.view) << 8 | static_cast<uint32_t>(lead);
  const LeadDraw draw(d, state, entry, stream);
  const float mean = standard.mean[lead], reciprocal = standard.reciprocal[lead];
  if (draw.dropped) {
    for (int64_t t = 0; t < n; ++t) out[t * stride] = 0.0f;
    return;
  }
  if (draw.gain != 1.0f) {
    for (int64_t t = 0; t < n; ++t) row[t] *= draw.gain;
  }
  if (!(d.noise_mv > 0 || d.noise_sd > 0)) {
    for (int64_t t = 0; t < n; ++t) out[t * stride] = (row[t] - mean) * reciprocal;
    return;
  }
  for (int64_t t = 0; t < n; t += 2) {
    const Philox noise(state.seed, entry, static_cast<uint32_t>(state.epoch), stream,
                       1 + static_cast<uint32_t>((begin + t) / 2));
    float volt[2] = {0, 0}, unit[2] = {0, 0};
    if (d.noise_mv > 0) noise.normals(0, &volt[0], &volt[1]);
    if (d.noise_sd > 0) noise.normals(2, &unit[0], &unit[1]);
    for (int64_t k = 0; k < 2 && t + k < n; ++k) {
      const float clean = row[t + k] + d.noise_mv * volt[k];
      out[(t + k) * stride] = (clean - mean) * reciprocal + d.noise_sd * unit[k];
    }
  }
}

}  // namespace

int32_t gather_augment(Pool& pool, const pcd_gather_augment_desc& d) {
  const pcd_step_state state = *data<const pcd_step_state>(d.state);
  const int64_t batch = d.inputs.shape[0], window = d.inputs.shape[1], inputs = d.inputs.shape[2];
  const int64_t targets = present(d.targets) ? d.targets.shape[2] : 0;
  const int64_t words = present(d.labels) ? d.labels.shape[1] : 0;
  const float millivolt = d.microvolt_per_count * 1e-3f;
  bool used[kStored] = {};
  mark_used(d.input_mix, used);
  if (targets > 0) mark_used(d.target_mix, used);
  Standard common;
  for (int64_t i = 0; i < inputs; ++i) {
    common.mean[i] = data<const float>(d.mean)[i];
    common.reciprocal[i] = 1.0f / data<const float>(d.deviation)[i];
  }
  const bool joint = (d.flags & PCD_FLAG_NORMALISE_WINDOW) != 0;
  pool.run(batch, [&](int64_t b) {
    const uint64_t position = state.cursor + static_cast<uint64_t>(d.batch_offset + b);
    const uint32_t entry = static_cast<uint32_t>(position % static_cast<uint64_t>(d.index.shape[0]));
    const Source source = locate(d, state, entry, b, window);
    Tile tile;
    const Standard standard = joint ? joint_standard(d, source, used, millivolt, tile) : common;
    for (int64_t begin = 0; begin < window; begin += kTile) {
      const int64_t n = least(kTile, window - begin);
      read_stored(source, used, window, begin, n, tile);
      for (int64_t i = 0; i < targets; ++i) {
        mix(data<const float>(d.target_mix) + i * kStored, tile.stored, n, millivolt, tile.rows[0]);
        float* out = data<float>(d.targets) + (b * window + begin) * targets + i;
        for (int64_t t = 0; t < n; ++t) out[t * targets] = tile.rows[0][t];
      }
      for (int64_t i = 0; i < inputs; ++i) {
        mix(data<const float>(d.input_mix) + i * kStored, tile.stored, n, millivolt, tile.rows[i]);
        write_input(d, state, entry, i, standard, begin, n, tile.rows[i],
                    data<float>(d.inputs) + (b * window + begin) * inputs + i, inputs);
      }
    }
    if (words > 0) {
      const int64_t record = data<const int32_t>(d.index)[2 * static_cast<int64_t>(entry)];
      const uint64_t* mask = data<const uint64_t>(d.record_labels) + record * words;
      for (int64_t w = 0; w < words; ++w) data<uint64_t>(d.labels)[b * words + w] = mask[w];
    }
    if (present(d.groups)) data<int32_t>(d.groups)[b] = static_cast<int32_t>(entry);
  });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
