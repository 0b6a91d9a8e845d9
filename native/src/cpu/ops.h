// SPDX-License-Identifier: Apache-2.0
//
// Every op of the CPU backend, one file an op. Compiled once per instruction set (see cpu/simd.h).
//
// An op reads a complete and validated descriptor, takes its scratch memory from the descriptor's workspace,
// allocates nothing and returns a PCD_ status. Workspace and saved sizes depend on shapes, flags and the
// number of threads (scratch per worker); they serve forward and backward alike. Work is cut into chunks by
// shape only, so that results do not depend on the number of threads.
#ifndef PCD_CPU_OPS_H
#define PCD_CPU_OPS_H

#include <cstdint>

#include "core/buffer.h"
#include "cpu/pool.h"
#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

int32_t step_begin(Pool& pool, const pcd_step_begin_desc& desc);
int32_t metrics(Pool& pool, const pcd_metrics_desc& desc);
int32_t gather_augment(Pool& pool, const pcd_gather_augment_desc& desc);

int32_t pack(Pool& pool, const pcd_pack_desc& desc);
uint64_t pack_size(const pcd_pack_entry& entry);

int32_t stem_forward(Pool& pool, const pcd_stem_desc& desc);
int32_t stem_backward(Pool& pool, const pcd_stem_desc& desc);
uint64_t stem_workspace(const Pool& pool, const pcd_stem_desc& desc);

int32_t dilated_stack_forward(Pool& pool, const pcd_dilated_stack_desc& desc);
int32_t dilated_stack_backward(Pool& pool, const pcd_dilated_stack_desc& desc);
uint64_t dilated_stack_workspace(const Pool& pool, const pcd_dilated_stack_desc& desc);
uint64_t dilated_stack_saved(const Pool& pool, const pcd_dilated_stack_desc& desc);

int32_t pool_project_forward(Pool& pool, const pcd_pool_project_desc& desc);
int32_t pool_project_backward(Pool& pool, const pcd_pool_project_desc& desc);
uint64_t pool_project_workspace(const Pool& pool, const pcd_pool_project_desc& desc);
uint64_t pool_project_saved(const Pool& pool, const pcd_pool_project_desc& desc);

int32_t film_forward(Pool& pool, const pcd_film_desc& desc);
int32_t film_backward(Pool& pool, const pcd_film_desc& desc);
uint64_t film_workspace(const Pool& pool, const pcd_film_desc& desc);
uint64_t film_saved(const Pool& pool, const pcd_film_desc& desc);

int32_t head_forward(Pool& pool, const pcd_head_desc& desc);
int32_t head_backward(Pool& pool, const pcd_head_desc& desc);
uint64_t head_workspace(const Pool& pool, const pcd_head_desc& desc);
uint64_t head_saved(const Pool& pool, const pcd_head_desc& desc);

int32_t reconstruction_loss(Pool& pool, const pcd_reconstruction_loss_desc& desc);
uint64_t reconstruction_loss_workspace(const Pool& pool, const pcd_reconstruction_loss_desc& desc);

int32_t supcon_forward(Pool& pool, const pcd_supcon_desc& desc);
int32_t supcon_backward(Pool& pool, const pcd_supcon_desc& desc);
uint64_t supcon_workspace(const Pool& pool, const pcd_supcon_desc& desc);

int32_t classifier_forward(Pool& pool, const pcd_classifier_desc& desc);
int32_t classifier_backward(Pool& pool, const pcd_classifier_desc& desc);
uint64_t classifier_workspace(const Pool& pool, const pcd_classifier_desc& desc);

int32_t ridge(Pool& pool, const pcd_ridge_desc& desc);
uint64_t ridge_workspace(const Pool& pool, const pcd_ridge_desc& desc);

int32_t adamw(Pool& pool, const pcd_adamw_desc& desc);
uint64_t adamw_workspace(const Pool& pool, const pcd_adamw_desc& desc);

int32_t fill(Pool& pool, const pcd_fill_desc& desc);
int32_t cast(Pool& pool, const pcd_cast_desc& desc);
int32_t copy(Pool& pool, const pcd_copy_desc& desc);
int32_t multiply_add(Pool& pool, const pcd_multiply_add_desc& desc);

int32_t convolution_forward(Pool& pool, const pcd_convolution_desc& desc);
int32_t convolution_backward(Pool& pool, const pcd_convolution_desc& desc);
uint64_t convolution_workspace(const Pool& pool, const pcd_convolution_desc& desc);

int32_t lstm_forward(Pool& pool, const pcd_lstm_desc& desc);
int32_t lstm_backward(Pool& pool, const pcd_lstm_desc& desc);
uint64_t lstm_workspace(const Pool& pool, const pcd_lstm_desc& desc);
uint64_t lstm_saved(const Pool& pool, const pcd_lstm_desc& desc);

int32_t log_rms(Pool& pool, const pcd_log_rms_desc& desc);

}  // namespace pcd::cpu::PCD_ISA

#endif
