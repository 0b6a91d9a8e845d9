// SPDX-License-Identifier: Apache-2.0
//
// Reference of gather_augment: windows of the int16 set, augmented in mV, mixed into inputs and targets,
// standardised.
#ifndef PCD_REFERENCE_GATHER_AUGMENT_H
#define PCD_REFERENCE_GATHER_AUGMENT_H

#include <cstdint>
#include <vector>

namespace pcd::reference {

struct GatherProblem {
  int64_t batch, length, inputs, targets, words;
  // options, as in pcd_gather_augment_desc
  bool free_crop = false, normalise_window = false;
  uint32_t view = 0;
  int32_t shift = 0;
  int64_t batch_offset = 0;
  float gain_sd = 0, stretch_probability = 0, stretch_sd = 0, lead_gain_sd = 0, noise_mv = 0, noise_sd = 0,
        dropout = 0, microvolt_per_count = 1;
  // state
  uint64_t cursor = 0, epoch = 0, seed = 0;
  // data
  std::vector<int16_t> samples;
  std::vector<int64_t> records;         // [R, 2]: offset, length
  std::vector<uint64_t> record_labels;  // [R, W]
  std::vector<int32_t> index;           // [E, 2]: record, start
  std::vector<float> input_mix;         // [n, 8]
  std::vector<float> target_mix;        // [T, 8]
  std::vector<float> mean, deviation;   // [n]
  std::vector<int64_t> excerpts;        // [B, 3] offset, first, count; or empty
};

template <typename T>
struct GatherResult {
  std::vector<T> inputs;         // [B, L, n]
  std::vector<T> targets;        // [B, L, T]
  std::vector<uint64_t> labels;  // [B, W]
  std::vector<int32_t> groups;   // [B]
};

// T = double judges augmented windows; T = float follows the arithmetic the header prescribes, so that a
// clean window comes out bit for bit.
template <typename T>
GatherResult<T> gather_augment(const GatherProblem& problem);

}  // namespace pcd::reference

#endif
