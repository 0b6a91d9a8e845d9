// SPDX-License-Identifier: Apache-2.0
//
// gather_augment on every backend. Clean windows come out bit for bit; each augmentation alone and all
// together lie within the accuracy of normals (1e-6); integers (crops, shifts, dropped leads, labels, groups)
// are exact. From excerpts of the records every window is the same, bit for bit, as from the records themselves.
#include "reference/gather_augment.h"

#include "reference/philox.h"
#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;
using reference::GatherProblem;

// Normals agree to 1e-6, which gains and noise pass on.
constexpr Precision kNormals{6, 0x1p-21, 1e-3};

GatherProblem problem_of(int64_t batch, int64_t length) {
  GatherProblem p{};
  Random random(static_cast<uint64_t>(batch * 10000 + length));
  p.batch = batch;
  p.length = length;
  p.inputs = 3;
  p.targets = 5;
  p.words = 2;
  p.microvolt_per_count = 1;
  p.seed = 0xFEDCBA9876543210u;
  p.epoch = 2;
  int64_t offset = 3;
  for (int64_t samples : {1000, 300, 256, 50, 5, 1}) {
    p.records.insert(p.records.end(), {offset, samples});
    offset += samples * PCD_STORED_LEADS + 7;
    p.record_labels.insert(p.record_labels.end(), {random.word(), random.word()});
  }
  p.samples.resize(static_cast<size_t>(offset));
  double level = 0;
  for (int16_t& sample : p.samples) {
    level = 0.9 * level + 200 * random.normal();
    sample = random.below(40) == 0 ? int16_t{-32768} : static_cast<int16_t>(std::lround(level));
  }
  for (int64_t e = 0; e < 23; ++e) {
    const int32_t record = static_cast<int32_t>(random.below(6));
    // Also windows that begin before the record or end after it.
    const int64_t room = p.records[2 * record + 1] - length / 2;
    p.index.insert(p.index.end(),
                   {record, static_cast<int32_t>(random.below(std::max<int64_t>(room, 1)) - e % 3)});
  }
  // I, II, V2 in; a copy, the derived limb leads and a general mix out.
  p.input_mix.assign(3 * 8, 0);
  p.input_mix[0] = p.input_mix[8 + 1] = p.input_mix[16 + 3] = 1;
  p.target_mix.assign(5 * 8, 0);
  p.target_mix[2] = 1;
  p.target_mix[8] = -1, p.target_mix[9] = 1;
  p.target_mix[16] = p.target_mix[17] = -0.5f;
  p.target_mix[24] = 1, p.target_mix[25] = -0.5f;
  p.target_mix[32 + 7] = 1;
  p.mean = {0.01f, -0.02f, 0.003f};
  p.deviation = {0.17f, 0.21f, 0.4f};
  return p;
}

Outputs run(Device& device, const GatherProblem& p, bool targets, Kind kind) {
  auto desc = descriptor<pcd_gather_augment_desc>();
  desc.flags = (p.free_crop ? PCD_FLAG_FREE_CROP : 0) | (p.normalise_window ? PCD_FLAG_NORMALISE_WINDOW : 0);
  desc.view = static_cast<int32_t>(p.view);
  desc.shift = p.shift;
  desc.batch_offset = p.batch_offset;
  desc.gain_sd = p.gain_sd;
  desc.stretch_probability = p.stretch_probability;
  desc.stretch_sd = p.stretch_sd;
  desc.lead_gain_sd = p.lead_gain_sd;
  desc.noise_mv = p.noise_mv;
  desc.noise_sd = p.noise_sd;
  desc.dropout = p.dropout;
  desc.microvolt_per_count = p.microvolt_per_count;
  pcd_step_state state{};
  state.seed = p.seed;
  state.epoch = p.epoch;
  state.cursor = p.cursor;
  desc.state = device.input(as_bytes(state), {sizeof state});
  desc.samples = device.input(p.samples, {static_cast<int64_t>(p.samples.size())});
  desc.records = device.input(p.records, {static_cast<int64_t>(p.records.size() / 2), 2});
  desc.index = device.input(p.index, {static_cast<int64_t>(p.index.size() / 2), 2});
  desc.input_mix = device.input(p.input_mix, {p.inputs, 8});
  desc.mean = device.input(p.mean, {p.inputs});
  desc.deviation = device.input(p.deviation, {p.inputs});
  desc.inputs = device.output({p.batch, p.length, p.inputs});
  if (targets) {
    desc.target_mix = device.input(p.target_mix, {p.targets, 8});
    desc.targets = device.output({p.batch, p.length, p.targets});
    desc.record_labels = device.input(p.record_labels, {static_cast<int64_t>(p.records.size() / 2), p.words});
    desc.labels = device.output({p.batch, p.words}, PCD_DTYPE_U64);
    desc.groups = device.output({p.batch}, PCD_DTYPE_I32);
  }
  if (!p.excerpts.empty()) desc.excerpts = device.input(p.excerpts, {p.batch, 3});
  device.call(pcd_gather_augment, desc);
  Outputs outputs{make_output("inputs", device.read(desc.inputs), kind)};
  if (targets) {
    outputs.push_back(make_output("targets", device.read(desc.targets), kind));
    outputs.push_back(make_output("labels", device.read_bytes(desc.labels), Kind::exact));
    outputs.push_back(make_output("groups", device.read(desc.groups), Kind::exact));
  }
  return outputs;
}

// The problem with nothing in `samples` but what its windows can read, other values around it, and `excerpts`.
GatherProblem excerpted(const GatherProblem& p) {
  GatherProblem result = p;
  result.samples.assign(5, 31000);
  const double stretch = p.stretch_probability > 0 ? std::exp(static_cast<double>(p.stretch_sd) * 6.77) : 1;
  const int64_t margin =
      p.shift + static_cast<int64_t>(std::ceil(0.5 * static_cast<double>(p.length) * (stretch - 1))) + 3;
  for (int64_t row = 0; row < p.batch; ++row) {
    const uint64_t entry = (p.cursor + static_cast<uint64_t>(p.batch_offset + row)) % (p.index.size() / 2);
    const int64_t record = p.index[2 * entry], offset = p.records[2 * record], length = p.records[2 * record + 1];
    int64_t start = p.index[2 * entry + 1];
    if (p.free_crop) {
      const auto words = reference::philox4x32_10(
          {static_cast<uint32_t>(entry), static_cast<uint32_t>(p.epoch), p.view << 8 | 255, 0},
          {static_cast<uint32_t>(p.seed), static_cast<uint32_t>(p.seed >> 32)});
      const int64_t places = std::max<int64_t>(length - p.length, 0) + 1;
      start = static_cast<int64_t>(reference::uniform(words[0]) * static_cast<double>(places));
    }
    const int64_t first = std::clamp<int64_t>(start - margin, 0, length - 1);
    const int64_t end = std::clamp<int64_t>(start + p.length + margin, first + 1, length);
    result.excerpts.insert(result.excerpts.end(), {static_cast<int64_t>(result.samples.size()), first, end - first});
    for (int64_t lead = 0; lead < PCD_STORED_LEADS; ++lead) {
      const auto from = p.samples.begin() + offset + lead * length;
      result.samples.insert(result.samples.end(), from + first, from + end);
    }
    result.samples.insert(result.samples.end(), 3, 31000);
  }
  return result;
}

// From excerpts, after asserting that this changes no bit.
Outputs run_excerpted(Device& device, const GatherProblem& p, Kind kind) {
  const Outputs whole = run(device, p, true, kind);
  Outputs parts = run(device, excerpted(p), true, kind);
  for (size_t i = 0; i < parts.size(); ++i) {
    expect(std::memcmp(whole[i].values.data(), parts[i].values.data(), 8 * whole[i].values.size()) == 0,
           parts[i].name + " from excerpts differs from that of whole records");
  }
  return parts;
}

template <typename T>
Outputs expected(T, const GatherProblem& p, bool targets, Kind kind) {
  const auto result = reference::gather_augment<T>(p);
  Outputs outputs{make_output("inputs", result.inputs, kind)};
  if (targets) {
    outputs.push_back(make_output("targets", result.targets, kind));
    outputs.push_back(make_output("labels", Device::encode(result.labels, PCD_DTYPE_U64), Kind::exact));
    outputs.push_back(make_output("groups", result.groups, Kind::exact));
  }
  return outputs;
}

}  // namespace

int main() {
  Suite suite("gather_augment");
  using Change = void (*)(GatherProblem&);
  const std::pair<const char*, Change> clean[] = {
      {"clean", [](GatherProblem&) {}},
      {"clean, cursor and offset", [](GatherProblem& p) { p.cursor = 7, p.batch_offset = 3; }},
      {"clean, around the index", [](GatherProblem& p) { p.cursor = 21; }},
      {"clean, other scale", [](GatherProblem& p) { p.microvolt_per_count = 0.5f; }},
      {"free crop", [](GatherProblem& p) { p.free_crop = true; }},
      {"shift", [](GatherProblem& p) { p.shift = 8, p.view = 1; }},
      {"dropout", [](GatherProblem& p) { p.dropout = 0.4f; }},
      {"drop all", [](GatherProblem& p) { p.dropout = 1; }}};
  const std::pair<const char*, Change> random[] = {
      {"gain", [](GatherProblem& p) { p.gain_sd = 0.12f; }},
      {"stretch", [](GatherProblem& p) { p.stretch_probability = 0.5f, p.stretch_sd = 0.08f; }},
      {"stretch all", [](GatherProblem& p) { p.stretch_probability = 1, p.stretch_sd = 0.3f, p.view = 1; }},
      {"lead gain", [](GatherProblem& p) { p.lead_gain_sd = 0.08f; }},
      {"noise in mV", [](GatherProblem& p) { p.noise_mv = 0.01f; }},
      {"noise in deviations", [](GatherProblem& p) { p.noise_sd = 0.02f, p.view = 1; }},
      {"joint z-score", [](GatherProblem& p) { p.normalise_window = true; }},
      {"joint z-score, gains and noise",
       [](GatherProblem& p) {
         p.normalise_window = true, p.lead_gain_sd = 0.05f, p.noise_sd = 0.02f, p.gain_sd = 0.1f;
       }},
      {"everything", [](GatherProblem& p) {
         p.free_crop = true, p.view = 1, p.shift = 4, p.batch_offset = 5, p.cursor = 2,
         p.epoch = 0x100000007u;
         p.gain_sd = 0.12f, p.stretch_probability = 0.5f, p.stretch_sd = 0.08f, p.lead_gain_sd = 0.05f;
         p.noise_mv = 0.01f, p.noise_sd = 0.02f, p.dropout = 0.1f;
       }}};
  for (const auto& [batch, length] : {std::pair<int64_t, int64_t>{1, 1}, {3, 2}, {4, 7}, {5, 50}, {6, 256}}) {
    const std::string shape = " B " + std::to_string(batch) + " L " + std::to_string(length);
    for (const auto& [name, change] : clean) {
      GatherProblem p = problem_of(batch, length);
      change(p);
      for (bool targets : {true, false}) {
        const auto exact = expected(0.0f, p, targets, Kind::exact);
        suite.check_outputs(
            name + shape + (targets ? "" : " inputs alone"),
            [&](Device& device) { return run(device, p, targets, Kind::exact); }, exact, exact, kSingle);
      }
      const auto exact = expected(0.0f, excerpted(p), true, Kind::exact);
      suite.check_outputs(
          name + shape + " excerpts", [&](Device& device) { return run_excerpted(device, p, Kind::exact); }, exact,
          exact, kSingle);
    }
    for (const auto& [name, change] : random) {
      GatherProblem p = problem_of(batch, length);
      change(p);
      suite.check(
          name + shape, [&](Device& device) { return run(device, p, true, Kind::value); },
          [&](auto type) { return expected(type, p, true, Kind::value); }, kNormals);
      suite.check(
          name + shape + " excerpts", [&](Device& device) { return run_excerpted(device, p, Kind::value); },
          [&](auto type) { return expected(type, excerpted(p), true, Kind::value); }, kNormals);
    }
  }
  return suite.finish();
}
