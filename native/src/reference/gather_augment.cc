// SPDX-License-Identifier: Apache-2.0
//
// Random numbers come from Philox with the counter (entry, epoch, view << 8 | lead, draw); "lead 255" is the
// window.
#include "reference/gather_augment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "precordia/precordia.h"
#include "reference/philox.h"

namespace pcd::reference {
namespace {

constexpr uint32_t kWindow = 255;

std::array<uint32_t, 4> draw(const GatherProblem& p, uint32_t entry, uint32_t lead, uint32_t number) {
  return philox4x32_10({entry, static_cast<uint32_t>(p.epoch), p.view << 8 | lead, number},
                       {static_cast<uint32_t>(p.seed), static_cast<uint32_t>(p.seed >> 32)});
}

// One stored lead of one record, or of an excerpt that begins at sample `first` of it.
struct Lead {
  const int16_t* samples;
  int64_t first, count;

  template <typename T>
  T at(int64_t i) const {
    const int16_t value = samples[std::clamp<int64_t>(i - first, 0, count - 1)];
    return value == -32768 ? T(0) : T(value);
  }

  // Catmull–Rom between the samples around a position inside the record.
  template <typename T>
  T at_position(double position) const {
    const double whole = std::floor(position);
    const int64_t i = static_cast<int64_t>(whole);
    const T f = T(position - whole);
    const T a = at<T>(i - 1), b = at<T>(i), c = at<T>(i + 1), d = at<T>(i + 2);
    return b + f * ((c - a) / T(2) +
                    f * ((T(2) * a - T(5) * b + T(4) * c - d) / T(2) + f * (T(3) * (b - c) + d - a) / T(2)));
  }
};

template <typename T>
void mix_leads(const float* mix, const std::vector<T>& stored, int64_t t, int64_t length, T scale, T* value) {
  T sum = 0;
  for (int64_t k = 0; k < PCD_STORED_LEADS; ++k) sum += T(mix[k]) * stored[k * length + t];
  *value = sum * scale;
}

template <typename T>
void build_window(const GatherProblem& p, uint32_t entry, int64_t row, GatherResult<T>& result) {
  const int64_t L = p.length, n = p.inputs, K = p.targets;
  const int64_t record = p.index[2 * entry];
  const int64_t length = p.records[2 * record + 1];
  const double half = 0.5 * static_cast<double>(L - 1);

  // The window's place, stretch and gain.
  const auto place = draw(p, entry, kWindow, 0);
  const auto [gain_normal, stretch_normal] =
      normals(draw(p, entry, kWindow, 1)[0], draw(p, entry, kWindow, 1)[1]);
  double start = p.index[2 * entry + 1];
  if (p.free_crop)
    start = std::floor(uniform(place[0]) * static_cast<double>(std::max<int64_t>(length - L, 0) + 1));
  const double shift = std::floor(uniform(place[1]) * (2.0 * p.shift + 1)) - p.shift;
  const bool stretched = uniform(place[2]) < static_cast<double>(p.stretch_probability);
  const double stretch = stretched ? std::exp(static_cast<double>(p.stretch_sd) * stretch_normal) : 1;
  const double centre = start + half + shift;
  const T gain = T(std::exp(static_cast<double>(p.gain_sd) * gain_normal));

  std::vector<T> stored(PCD_STORED_LEADS * L);
  for (int64_t k = 0; k < PCD_STORED_LEADS; ++k) {
    const Lead lead = p.excerpts.empty()
                          ? Lead{p.samples.data() + p.records[2 * record] + k * length, 0, length}
                          : Lead{p.samples.data() + p.excerpts[3 * row] + k * p.excerpts[3 * row + 2],
                                 p.excerpts[3 * row + 1], p.excerpts[3 * row + 2]};
    for (int64_t t = 0; t < L; ++t) {
      const double position = centre + (static_cast<double>(t) - half) * stretch;
      const double inside = std::clamp(position, 0.0, static_cast<double>(length - 1));
      stored[k * L + t] = lead.at_position<T>(inside) * gain;
    }
  }

  const T scale = T(p.microvolt_per_count * 0.001f);
  T* targets = result.targets.data() + row * L * K;
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t k = 0; k < K; ++k) {
      mix_leads(p.target_mix.data() + k * PCD_STORED_LEADS, stored, t, L, scale, targets + t * K + k);
    }
  }
  std::vector<T> clean(L * n);
  for (int64_t t = 0; t < L; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      mix_leads(p.input_mix.data() + i * PCD_STORED_LEADS, stored, t, L, scale, clean.data() + t * n + i);
    }
  }
  double window_mean = 0, window_variance = 0;
  for (T value : clean) window_mean += static_cast<double>(value) / static_cast<double>(L * n);
  for (T value : clean) {
    const double deviation = static_cast<double>(value) - window_mean;
    window_variance += deviation * deviation / static_cast<double>(L * n);
  }

  T* inputs = result.inputs.data() + row * L * n;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t lead = static_cast<uint32_t>(i);
    const auto whole = draw(p, entry, lead, 0);
    const T lead_gain = T(std::exp(static_cast<double>(p.lead_gain_sd) * normals(whole[0], whole[1]).first));
    const bool dropped = uniform(whole[2]) < static_cast<double>(p.dropout);
    const T mean = p.normalise_window ? T(window_mean) : T(p.mean[i]);
    const T deviation =
        p.normalise_window ? T(std::max(std::sqrt(window_variance), 1e-6)) : T(p.deviation[i]);
    const T reciprocal = T(1) / deviation;
    for (int64_t t = 0; t < L; ++t) {
      const auto words = draw(p, entry, lead, 1 + static_cast<uint32_t>(t / 2));
      const auto volt = normals(words[0], words[1]), unit = normals(words[2], words[3]);
      const T volt_noise = T(p.noise_mv) * T(t % 2 == 0 ? volt.first : volt.second);
      const T unit_noise = T(p.noise_sd) * T(t % 2 == 0 ? unit.first : unit.second);
      const T value = clean[t * n + i] * lead_gain + volt_noise;
      inputs[t * n + i] = dropped ? T(0) : (value - mean) * reciprocal + unit_noise;
    }
  }
  for (int64_t w = 0; w < p.words; ++w)
    result.labels[row * p.words + w] = p.record_labels[record * p.words + w];
  result.groups[row] = static_cast<int32_t>(entry);
}

}  // namespace

template <typename T>
GatherResult<T> gather_augment(const GatherProblem& p) {
  GatherResult<T> result{std::vector<T>(p.batch * p.length * p.inputs),
                         std::vector<T>(p.batch * p.length * p.targets),
                         std::vector<uint64_t>(p.batch * p.words), std::vector<int32_t>(p.batch)};
  const uint64_t entries = p.index.size() / 2;
  for (int64_t row = 0; row < p.batch; ++row) {
    const uint64_t entry = (p.cursor + static_cast<uint64_t>(p.batch_offset + row)) % entries;
    build_window(p, static_cast<uint32_t>(entry), row, result);
  }
  return result;
}

template GatherResult<double> gather_augment(const GatherProblem&);
template GatherResult<float> gather_augment(const GatherProblem&);

}  // namespace pcd::reference
