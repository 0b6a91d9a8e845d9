// SPDX-License-Identifier: Apache-2.0
//
// One validator a descriptor, in validate_<op>.cc. Each declares the fields in the order of the header and leaves the
// descriptor as core/backend.h promises it to backends.
#ifndef PCD_CORE_VALIDATE_H
#define PCD_CORE_VALIDATE_H

#include "core/check.h"

namespace pcd {

void validate(Check& check, pcd_step_begin_desc& d);
void validate(Check& check, pcd_metrics_desc& d);
void validate(Check& check, pcd_gather_augment_desc& d);
void validate(Check& check, pcd_pack_desc& d);
void validate(Check& check, pcd_stem_desc& d);
void validate(Check& check, pcd_dilated_stack_desc& d);
void validate(Check& check, pcd_pool_project_desc& d);
void validate(Check& check, pcd_film_desc& d);
void validate(Check& check, pcd_head_desc& d);
void validate(Check& check, pcd_reconstruction_loss_desc& d);
void validate(Check& check, pcd_supcon_desc& d);
void validate(Check& check, pcd_classifier_desc& d);
void validate(Check& check, pcd_ridge_desc& d);
void validate(Check& check, pcd_adamw_desc& d);
void validate(Check& check, pcd_fill_desc& d);
void validate(Check& check, pcd_cast_desc& d);
void validate(Check& check, pcd_copy_desc& d);
void validate(Check& check, pcd_multiply_add_desc& d);
void validate(Check& check, pcd_convolution_desc& d);
void validate(Check& check, pcd_lstm_desc& d);
void validate(Check& check, pcd_log_rms_desc& d);

// The plain fields of a pack entry; also pcd_pack_size. `field` is "entries[3]".
void validate_pack_entry(Check& check, const char* field, const pcd_pack_entry& entry);

// Limits that keep every product of the formulas below in 64 bits.
constexpr int64_t kMaxChannels = 1 << 16;
constexpr int64_t kMaxLabels = 64 * PCD_MAX_LABEL_WORDS;

// Number of fp32 parameters of an op, and the formula for sentences. `leads`: see pcd_pack_entry.
struct ParameterCount {
  const char* formula;
  int64_t count;
};
ParameterCount parameter_count(int32_t op, int64_t channels, int64_t leads, int64_t blocks);

}  // namespace pcd

#endif
