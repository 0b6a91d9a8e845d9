// SPDX-License-Identifier: Apache-2.0
//
// The op table of one instruction set: typed ops behind untyped descriptors.
#include "cpu/op.h"
#include "cpu/ops.h"

namespace pcd::cpu::PCD_ISA {
namespace {

template <class Desc, int32_t (*op)(Pool&, const Desc&)>
int32_t run(Pool& pool, const void* desc) {
  return op(pool, *static_cast<const Desc*>(desc));
}

template <class Desc, uint64_t (*size)(const Pool&, const Desc&)>
uint64_t bytes(const Pool& pool, const void* desc) {
  return size(pool, *static_cast<const Desc*>(desc));
}

OpTable make_table() {
  OpTable table{};
  const auto set = [&table](OpId id, OpTable::Run run, OpTable::Size workspace, OpTable::Size saved) {
    table.run[static_cast<int>(id)] = run;
    table.workspace[static_cast<int>(id)] = workspace;
    table.saved[static_cast<int>(id)] = saved;
  };
  set(OpId::step_begin, run<pcd_step_begin_desc, step_begin>, nullptr, nullptr);
  set(OpId::metrics, run<pcd_metrics_desc, metrics>, nullptr, nullptr);
  set(OpId::gather_augment, run<pcd_gather_augment_desc, gather_augment>, nullptr, nullptr);
  set(OpId::pack, run<pcd_pack_desc, pack>, nullptr, nullptr);

  constexpr auto stem_bytes = bytes<pcd_stem_desc, stem_workspace>;
  set(OpId::stem_forward, run<pcd_stem_desc, stem_forward>, stem_bytes, nullptr);
  set(OpId::stem_backward, run<pcd_stem_desc, stem_backward>, stem_bytes, nullptr);

  constexpr auto stack_bytes = bytes<pcd_dilated_stack_desc, dilated_stack_workspace>;
  constexpr auto stack_saved = bytes<pcd_dilated_stack_desc, dilated_stack_saved>;
  set(OpId::dilated_stack_forward, run<pcd_dilated_stack_desc, dilated_stack_forward>, stack_bytes,
      stack_saved);
  set(OpId::dilated_stack_backward, run<pcd_dilated_stack_desc, dilated_stack_backward>, stack_bytes,
      stack_saved);

  constexpr auto project_bytes = bytes<pcd_pool_project_desc, pool_project_workspace>;
  constexpr auto project_saved = bytes<pcd_pool_project_desc, pool_project_saved>;
  set(OpId::pool_project_forward, run<pcd_pool_project_desc, pool_project_forward>, project_bytes,
      project_saved);
  set(OpId::pool_project_backward, run<pcd_pool_project_desc, pool_project_backward>, project_bytes,
      project_saved);

  constexpr auto film_bytes = bytes<pcd_film_desc, film_workspace>;
  constexpr auto film_kept = bytes<pcd_film_desc, film_saved>;
  set(OpId::film_forward, run<pcd_film_desc, film_forward>, film_bytes, film_kept);
  set(OpId::film_backward, run<pcd_film_desc, film_backward>, film_bytes, film_kept);

  constexpr auto head_bytes = bytes<pcd_head_desc, head_workspace>;
  constexpr auto head_kept = bytes<pcd_head_desc, head_saved>;
  set(OpId::head_forward, run<pcd_head_desc, head_forward>, head_bytes, head_kept);
  set(OpId::head_backward, run<pcd_head_desc, head_backward>, head_bytes, head_kept);

  set(OpId::reconstruction_loss, run<pcd_reconstruction_loss_desc, reconstruction_loss>,
      bytes<pcd_reconstruction_loss_desc, reconstruction_loss_workspace>, nullptr);

  constexpr auto supcon_bytes = bytes<pcd_supcon_desc, supcon_workspace>;
  set(OpId::supcon_forward, run<pcd_supcon_desc, supcon_forward>, supcon_bytes, nullptr);
  set(OpId::supcon_backward, run<pcd_supcon_desc, supcon_backward>, supcon_bytes, nullptr);

  constexpr auto classifier_bytes = bytes<pcd_classifier_desc, classifier_workspace>;
  set(OpId::classifier_forward, run<pcd_classifier_desc, classifier_forward>, classifier_bytes, nullptr);
  set(OpId::classifier_backward, run<pcd_classifier_desc, classifier_backward>, classifier_bytes, nullptr);

  set(OpId::ridge, run<pcd_ridge_desc, ridge>, bytes<pcd_ridge_desc, ridge_workspace>, nullptr);
  set(OpId::adamw, run<pcd_adamw_desc, adamw>, bytes<pcd_adamw_desc, adamw_workspace>, nullptr);
  set(OpId::fill, run<pcd_fill_desc, fill>, nullptr, nullptr);
  set(OpId::cast, run<pcd_cast_desc, cast>, nullptr, nullptr);
  set(OpId::copy, run<pcd_copy_desc, copy>, nullptr, nullptr);
  set(OpId::multiply_add, run<pcd_multiply_add_desc, multiply_add>, nullptr, nullptr);

  constexpr auto convolution_bytes = bytes<pcd_convolution_desc, convolution_workspace>;
  set(OpId::convolution_forward, run<pcd_convolution_desc, convolution_forward>, convolution_bytes, nullptr);
  set(OpId::convolution_backward, run<pcd_convolution_desc, convolution_backward>, convolution_bytes, nullptr);

  constexpr auto lstm_bytes = bytes<pcd_lstm_desc, lstm_workspace>;
  constexpr auto lstm_kept = bytes<pcd_lstm_desc, lstm_saved>;
  set(OpId::lstm_forward, run<pcd_lstm_desc, lstm_forward>, lstm_bytes, lstm_kept);
  set(OpId::lstm_backward, run<pcd_lstm_desc, lstm_backward>, lstm_bytes, lstm_kept);
  set(OpId::log_rms, run<pcd_log_rms_desc, log_rms>, nullptr, nullptr);
  table.pack_size = pack_size;
  return table;
}

}  // namespace

const OpTable& op_table() {
  static const OpTable table = make_table();
  return table;
}

}  // namespace pcd::cpu::PCD_ISA
