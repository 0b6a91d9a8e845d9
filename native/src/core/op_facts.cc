// SPDX-License-Identifier: Apache-2.0
//
// Sizes and operations of ops, from their descriptors.
#include "core/op_facts.h"

#include "core/op_table.h"

namespace pcd {
namespace {

double extent(const pcd_tensor& view, int axis) { return static_cast<double>(view.shape[axis]); }

// Of an activation [B, L, C]: B·L.
double rows(const pcd_tensor& view) { return extent(view, 0) * extent(view, 1); }

// Two products in backward, where both gradients are wanted.
double times(OpId op, double forward) { return is_backward(op) ? 2 * forward : forward; }

OpFacts facts(OpId, const pcd_step_begin_desc&) { return {}; }
OpFacts facts(OpId, const pcd_metrics_desc&) { return {}; }
OpFacts facts(OpId, const pcd_pack_desc&) { return {}; }
OpFacts facts(OpId, const pcd_gather_augment_desc& d) { return {&d.inputs, 0}; }
OpFacts facts(OpId, const pcd_reconstruction_loss_desc& d) { return {&d.prediction, 0}; }
OpFacts facts(OpId, const pcd_adamw_desc& d) { return {&d.parameters, 0}; }
OpFacts facts(OpId, const pcd_fill_desc& d) { return {&d.tensor, 0}; }
OpFacts facts(OpId, const pcd_cast_desc& d) { return {&d.source, 0}; }
OpFacts facts(OpId, const pcd_copy_desc& d) { return {&d.source, 0}; }
// How much a round is, the backend alone knows.
OpFacts facts(OpId, const pcd_multiply_add_desc& d) { return {&d.operations, 0}; }

// The signal needs no gradient: backward has one product too.
OpFacts facts(OpId op, const pcd_stem_desc& d) {
  const pcd_tensor& channels = is_backward(op) ? d.output_grad : d.output;
  return {&channels, 2 * rows(channels) * 7 * extent(d.input, 2) * extent(channels, 2)};
}

OpFacts facts(OpId op, const pcd_dilated_stack_desc& d) {
  const double channels = extent(d.input, 2);
  return {&d.input, times(op, 2 * rows(d.input) * 4 * channels * channels * d.blocks)};
}

OpFacts facts(OpId op, const pcd_pool_project_desc& d) {
  const double channels = extent(d.input, 2);
  const double projected = d.z.rank == 0 ? 0 : channels + extent(d.z, 1);
  return {&d.input, times(op, 2 * extent(d.input, 0) * channels * projected)};
}

OpFacts facts(OpId op, const pcd_film_desc& d) {
  const double channels = extent(d.input, 2);
  return {&d.input, times(op, 2 * extent(d.input, 0) * 2 * channels * channels)};
}

OpFacts facts(OpId op, const pcd_head_desc& d) {
  const pcd_tensor& targets = is_backward(op) ? d.output_grad : d.output;
  return {&d.input, times(op, 2 * rows(d.input) * extent(d.input, 2) * extent(targets, 2))};
}

OpFacts facts(OpId op, const pcd_supcon_desc& d) {
  const double pairs = static_cast<double>(d.row_end - d.row_begin) * extent(d.z, 0);
  return {&d.z, times(op, 2 * pairs * extent(d.z, 1))};
}

OpFacts facts(OpId op, const pcd_classifier_desc& d) {
  return {&d.h, times(op, 2 * extent(d.h, 0) * extent(d.h, 1) * extent(d.logits, 1))};
}

OpFacts facts(OpId, const pcd_log_rms_desc& d) { return {&d.input, 0}; }

// Each value of the shorter signal meets all taps of the longer one.
OpFacts facts(OpId op, const pcd_convolution_desc& d) {
  const pcd_tensor& output = is_backward(op) ? d.output_grad : d.output;
  const double positions = rows(d.transposed != 0 ? d.input : output);
  return {&d.input, times(op, 2 * positions * d.taps * extent(d.input, 2) * extent(output, 2))};
}

OpFacts facts(OpId op, const pcd_lstm_desc& d) {
  const double outputs = extent(d.output, 2);
  return {&d.input, times(op, 2 * rows(d.input) * 4 * outputs * (extent(d.input, 2) + outputs / d.directions))};
}

OpFacts facts(OpId, const pcd_ridge_desc& d) {
  const double inputs = extent(d.inputs, 2) + 1;
  return {&d.inputs, 2 * rows(d.inputs) * inputs * (inputs + extent(d.targets, 2))};
}

}  // namespace

OpFacts op_facts(OpId op, const void* desc) noexcept {
  switch (op) {
#define PCD_FACTS(name, descriptor) \
  case OpId::name: return facts(op, *static_cast<const pcd_##descriptor##_desc*>(desc));
    PCD_OP_TABLE(PCD_FACTS)
#undef PCD_FACTS
    case OpId::count: break;
  }
  return {};
}

}  // namespace pcd
