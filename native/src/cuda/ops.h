// SPDX-License-Identifier: Apache-2.0
//
// Every op of the CUDA backend, host side; one file an op. Descriptors are complete and validated (core/backend.h).
// An op only launches: it allocates nothing and waits for nothing. Sizes serve forward and backward alike.
#ifndef PCD_CUDA_OPS_H
#define PCD_CUDA_OPS_H

#include <cstdint>

#include "cuda/queue.h"

namespace pcd::cuda {

int32_t step_begin(const Queue& queue, const pcd_step_begin_desc& desc);
int32_t metrics(const Queue& queue, const pcd_metrics_desc& desc);
int32_t gather_augment(const Queue& queue, const pcd_gather_augment_desc& desc);

int32_t pack(const Queue& queue, const pcd_pack_desc& desc);
uint64_t pack_size(const cudaDeviceProp& device, const pcd_pack_entry& entry);

int32_t stem_forward(const Queue& queue, const pcd_stem_desc& desc);
int32_t stem_backward(const Queue& queue, const pcd_stem_desc& desc);
uint64_t stem_workspace(const cudaDeviceProp& device, const pcd_stem_desc& desc);

int32_t dilated_stack_forward(const Queue& queue, const pcd_dilated_stack_desc& desc);
int32_t dilated_stack_backward(const Queue& queue, const pcd_dilated_stack_desc& desc);
uint64_t dilated_stack_workspace(const cudaDeviceProp& device, const pcd_dilated_stack_desc& desc);
uint64_t dilated_stack_saved(const cudaDeviceProp& device, const pcd_dilated_stack_desc& desc);

int32_t pool_project_forward(const Queue& queue, const pcd_pool_project_desc& desc);
int32_t pool_project_backward(const Queue& queue, const pcd_pool_project_desc& desc);
uint64_t pool_project_workspace(const cudaDeviceProp& device, const pcd_pool_project_desc& desc);
uint64_t pool_project_saved(const cudaDeviceProp& device, const pcd_pool_project_desc& desc);

int32_t film_forward(const Queue& queue, const pcd_film_desc& desc);
int32_t film_backward(const Queue& queue, const pcd_film_desc& desc);
uint64_t film_workspace(const cudaDeviceProp& device, const pcd_film_desc& desc);
uint64_t film_saved(const cudaDeviceProp& device, const pcd_film_desc& desc);

int32_t head_forward(const Queue& queue, const pcd_head_desc& desc);
int32_t head_backward(const Queue& queue, const pcd_head_desc& desc);
uint64_t head_workspace(const cudaDeviceProp& device, const pcd_head_desc& desc);
uint64_t head_saved(const cudaDeviceProp& device, const pcd_head_desc& desc);

int32_t reconstruction_loss(const Queue& queue, const pcd_reconstruction_loss_desc& desc);
uint64_t reconstruction_loss_workspace(const cudaDeviceProp& device, const pcd_reconstruction_loss_desc& desc);

int32_t supcon_forward(const Queue& queue, const pcd_supcon_desc& desc);
int32_t supcon_backward(const Queue& queue, const pcd_supcon_desc& desc);
uint64_t supcon_workspace(const cudaDeviceProp& device, const pcd_supcon_desc& desc);

int32_t classifier_forward(const Queue& queue, const pcd_classifier_desc& desc);
int32_t classifier_backward(const Queue& queue, const pcd_classifier_desc& desc);
uint64_t classifier_workspace(const cudaDeviceProp& device, const pcd_classifier_desc& desc);

int32_t ridge(const Queue& queue, const pcd_ridge_desc& desc);
uint64_t ridge_workspace(const cudaDeviceProp& device, const pcd_ridge_desc& desc);

int32_t adamw(const Queue& queue, const pcd_adamw_desc& desc);
uint64_t adamw_workspace(const cudaDeviceProp& device, const pcd_adamw_desc& desc);

int32_t fill(const Queue& queue, const pcd_fill_desc& desc);
int32_t cast(const Queue& queue, const pcd_cast_desc& desc);
int32_t copy(const Queue& queue, const pcd_copy_desc& desc);
int32_t multiply_add(const Queue& queue, const pcd_multiply_add_desc& desc);

}  // namespace pcd::cuda

#endif
