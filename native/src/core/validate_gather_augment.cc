// SPDX-License-Identifier: Apache-2.0
//
// gather_augment. What lies in the records, the excerpts and the index (offsets, lengths, starts) is in device memory
// and is the caller's promise; shapes and amplitudes are checked here.
#include <cmath>

#include "core/validate.h"

namespace pcd {

void validate(Check& check, pcd_gather_augment_desc& d) {
  Extent batch{"B"}, time{"L"}, leads{"n"}, targets{"T"}, words{"W"}, records{"R"}, entries{"E"}, samples{"S"};
  Extent two{"2", 2}, three{"3", 3}, stored{"8", PCD_STORED_LEADS};
  check.flags(d.flags, PCD_FLAG_FREE_CROP | PCD_FLAG_NORMALISE_WINDOW);
  check.range("view", d.view, 0, 1);
  check.range("shift", d.shift, 0, 1 << 20);
  check.range("batch_offset", d.batch_offset, 0, INT64_MAX);
  check.real("gain_sd", d.gain_sd, 0, INFINITY);
  check.real("stretch_probability", d.stretch_probability, 0, 1);
  check.real("stretch_sd", d.stretch_sd, 0, INFINITY);
  check.real("lead_gain_sd", d.lead_gain_sd, 0, INFINITY);
  check.real("noise_mv", d.noise_mv, 0, INFINITY);
  check.real("noise_sd", d.noise_sd, 0, INFINITY);
  check.real("dropout", d.dropout, 0, 1);
  check.real("microvolt_per_count", d.microvolt_per_count, -INFINITY, INFINITY);
  check.require(d.microvolt_per_count != 0, PCD_ERROR_ARGUMENT, "microvolt_per_count is 0, expected 1 for shards");

  check.state(d.state, Use::read);
  check.tensor("samples", d.samples, PCD_DTYPE_I16, {&samples}, Use::read);
  check.tensor("records", d.records, PCD_DTYPE_I64, {&records, &two}, Use::read);
  check.tensor("record_labels", d.record_labels, PCD_DTYPE_U64, {&records, &words}, Use::read, Need::optional);
  check.tensor("index", d.index, PCD_DTYPE_I32, {&entries, &two}, Use::read);
  check.tensor("input_mix", d.input_mix, PCD_DTYPE_F32, {&leads, &stored}, Use::read);
  check.tensor("target_mix", d.target_mix, PCD_DTYPE_F32, {&targets, &stored}, Use::read, Need::optional);
  check.tensor("mean", d.mean, PCD_DTYPE_F32, {&leads}, Use::read);
  check.tensor("deviation", d.deviation, PCD_DTYPE_F32, {&leads}, Use::read);
  check.tensor("inputs", d.inputs, PCD_DTYPE_F32, {&batch, &time, &leads}, Use::write);
  check.tensor("targets", d.targets, PCD_DTYPE_F32, {&batch, &time, &targets}, Use::write, Need::optional);
  check.tensor("labels", d.labels, PCD_DTYPE_U64, {&batch, &words}, Use::write, Need::optional);
  check.tensor("groups", d.groups, PCD_DTYPE_I32, {&batch}, Use::write, Need::optional);
  check.tensor("excerpts", d.excerpts, PCD_DTYPE_I64, {&batch, &three}, Use::read, Need::optional);
  check.at_most(leads, PCD_MAX_LEADS);
  check.at_most(targets, PCD_MAX_LEADS);
  check.at_most(words, PCD_MAX_LABEL_WORDS);
  check.require(!present(d.targets) || present(d.target_mix), PCD_ERROR_ARGUMENT,
                "targets are asked for, and target_mix is absent (its buffer is NULL)");
  check.require(!present(d.labels) || present(d.record_labels), PCD_ERROR_ARGUMENT,
                "labels are asked for, and record_labels is absent (its buffer is NULL)");
  check.require(batch.value <= entries.value - d.batch_offset, PCD_ERROR_SHAPE,
                "index has %lld entries, expected at least batch_offset + B = %lld + %lld",
                static_cast<long long>(entries.value), static_cast<long long>(d.batch_offset),
                static_cast<long long>(batch.value));
}

}  // namespace pcd
