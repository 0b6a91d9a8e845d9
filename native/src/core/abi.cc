// SPDX-License-Identifier: Apache-2.0
//
// What the library says about itself: version, build, names, layouts.
#include <cstddef>
#include <cstdio>
#include <string>

#include "precordia/build_id.h"
#include "precordia/precordia.h"

namespace {

#define PCD_STRINGIFY_(x) #x
#define PCD_STRINGIFY(x) PCD_STRINGIFY_(x)

#if defined(__clang__)
#define PCD_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define PCD_COMPILER "gcc " __VERSION__
#else
#define PCD_COMPILER "unknown"
#endif

// Said by CMakeLists.txt.
#if !defined(PCD_BUILD_FLAGS)
#define PCD_BUILD_FLAGS "unknown"
#endif

// Said by src/cuda/CMakeLists.txt, where it is asked for.
#if !defined(PCD_CUDA_PLUGIN)
#define PCD_CUDA_PLUGIN "not built"
#endif

constexpr const char* kBuildInfo =
    "version: " PCD_VERSION "\n"
    "abi: " PCD_STRINGIFY(PCD_ABI_VERSION) "\n"
    "build: " PCD_BUILD_ID "\n"
    "commit: " PCD_COMMIT "\n"
    "compiler: " PCD_COMPILER "\n"
    "flags: " PCD_BUILD_FLAGS "\n"
    "instruction-sets:"
#if defined(PCD_HAVE_AVX512VNNI)
    " avx512vnni"
#endif
#if defined(PCD_HAVE_AVX512)
    " avx512"
#endif
#if defined(PCD_HAVE_AVX2)
    " avx2"
#endif
    " baseline\n"
    "cuda-plug-in: " PCD_CUDA_PLUGIN "\n";

std::string make_layout() {
  std::string text;
  const auto line = [&text](const char* name, const char* field, size_t number) {
    text += name;
    if (field != nullptr) {
      text += '.';
      text += field;
    }
    text += ' ';
    text += std::to_string(number);
    text += '\n';
  };
#define PCD_STRUCT(type) line(#type, nullptr, sizeof(type));
#define PCD_FIELD(type, field) line(#type, #field, offsetof(type, field));
  // clang-format off
    PCD_STRUCT(pcd_device_info) PCD_FIELD(pcd_device_info, struct_size) PCD_FIELD(pcd_device_info, backend)
        PCD_FIELD(pcd_device_info, index) PCD_FIELD(pcd_device_info, compute_units)
        PCD_FIELD(pcd_device_info, capability) PCD_FIELD(pcd_device_info, driver_version)
        PCD_FIELD(pcd_device_info, memory_bytes) PCD_FIELD(pcd_device_info, name)
        PCD_FIELD(pcd_device_info, instruction_set)
    PCD_STRUCT(pcd_context_desc) PCD_FIELD(pcd_context_desc, struct_size)
        PCD_FIELD(pcd_context_desc, backend) PCD_FIELD(pcd_context_desc, device)
        PCD_FIELD(pcd_context_desc, threads) PCD_FIELD(pcd_context_desc, memory_limit)
        PCD_FIELD(pcd_context_desc, instruction_set)
    PCD_STRUCT(pcd_memory_info) PCD_FIELD(pcd_memory_info, struct_size) PCD_FIELD(pcd_memory_info, reserved)
        PCD_FIELD(pcd_memory_info, in_use) PCD_FIELD(pcd_memory_info, cached)
        PCD_FIELD(pcd_memory_info, peak) PCD_FIELD(pcd_memory_info, limit)
        PCD_FIELD(pcd_memory_info, buffers)
    PCD_STRUCT(pcd_tensor) PCD_FIELD(pcd_tensor, buffer) PCD_FIELD(pcd_tensor, offset)
        PCD_FIELD(pcd_tensor, dtype) PCD_FIELD(pcd_tensor, rank) PCD_FIELD(pcd_tensor, shape)
    PCD_STRUCT(pcd_step_state) PCD_FIELD(pcd_step_state, step) PCD_FIELD(pcd_step_state, epoch)
        PCD_FIELD(pcd_step_state, cursor) PCD_FIELD(pcd_step_state, seed)
        PCD_FIELD(pcd_step_state, beta1_power) PCD_FIELD(pcd_step_state, beta2_power)
        PCD_FIELD(pcd_step_state, rate) PCD_FIELD(pcd_step_state, rate_scale)
        PCD_FIELD(pcd_step_state, weight_reconstruction) PCD_FIELD(pcd_step_state, weight_contrastive)
        PCD_FIELD(pcd_step_state, weight_classifier) PCD_FIELD(pcd_step_state, gradient_norm)
        PCD_FIELD(pcd_step_state, anchors) PCD_FIELD(pcd_step_state, non_finite)
    PCD_STRUCT(pcd_step_begin_desc) PCD_FIELD(pcd_step_begin_desc, struct_size)
        PCD_FIELD(pcd_step_begin_desc, schedule) PCD_FIELD(pcd_step_begin_desc, peak)
        PCD_FIELD(pcd_step_begin_desc, final_rate) PCD_FIELD(pcd_step_begin_desc, warmup)
        PCD_FIELD(pcd_step_begin_desc, total) PCD_FIELD(pcd_step_begin_desc, batch)
        PCD_FIELD(pcd_step_begin_desc, beta1) PCD_FIELD(pcd_step_begin_desc, beta2)
        PCD_FIELD(pcd_step_begin_desc, state)
    PCD_STRUCT(pcd_metrics_row) PCD_FIELD(pcd_metrics_row, step) PCD_FIELD(pcd_metrics_row, rate)
        PCD_FIELD(pcd_metrics_row, gradient_norm) PCD_FIELD(pcd_metrics_row, loss)
        PCD_FIELD(pcd_metrics_row, reconstruction) PCD_FIELD(pcd_metrics_row, mse)
        PCD_FIELD(pcd_metrics_row, l1) PCD_FIELD(pcd_metrics_row, contrastive)
        PCD_FIELD(pcd_metrics_row, classifier) PCD_FIELD(pcd_metrics_row, anchors)
        PCD_FIELD(pcd_metrics_row, non_finite) PCD_FIELD(pcd_metrics_row, reserved)
    PCD_STRUCT(pcd_metrics_desc) PCD_FIELD(pcd_metrics_desc, struct_size) PCD_FIELD(pcd_metrics_desc, flags)
        PCD_FIELD(pcd_metrics_desc, state) PCD_FIELD(pcd_metrics_desc, reconstruction)
        PCD_FIELD(pcd_metrics_desc, contrastive) PCD_FIELD(pcd_metrics_desc, classifier)
        PCD_FIELD(pcd_metrics_desc, ring)
    PCD_STRUCT(pcd_gather_augment_desc) PCD_FIELD(pcd_gather_augment_desc, struct_size)
        PCD_FIELD(pcd_gather_augment_desc, flags) PCD_FIELD(pcd_gather_augment_desc, view)
        PCD_FIELD(pcd_gather_augment_desc, shift) PCD_FIELD(pcd_gather_augment_desc, batch_offset)
        PCD_FIELD(pcd_gather_augment_desc, gain_sd) PCD_FIELD(pcd_gather_augment_desc, stretch_probability)
        PCD_FIELD(pcd_gather_augment_desc, stretch_sd) PCD_FIELD(pcd_gather_augment_desc, lead_gain_sd)
        PCD_FIELD(pcd_gather_augment_desc, noise_mv) PCD_FIELD(pcd_gather_augment_desc, noise_sd)
        PCD_FIELD(pcd_gather_augment_desc, dropout) PCD_FIELD(pcd_gather_augment_desc, microvolt_per_count)
        PCD_FIELD(pcd_gather_augment_desc, state) PCD_FIELD(pcd_gather_augment_desc, samples)
        PCD_FIELD(pcd_gather_augment_desc, records) PCD_FIELD(pcd_gather_augment_desc, record_labels)
        PCD_FIELD(pcd_gather_augment_desc, index) PCD_FIELD(pcd_gather_augment_desc, input_mix)
        PCD_FIELD(pcd_gather_augment_desc, target_mix) PCD_FIELD(pcd_gather_augment_desc, mean)
        PCD_FIELD(pcd_gather_augment_desc, deviation) PCD_FIELD(pcd_gather_augment_desc, inputs)
        PCD_FIELD(pcd_gather_augment_desc, targets) PCD_FIELD(pcd_gather_augment_desc, labels)
        PCD_FIELD(pcd_gather_augment_desc, groups) PCD_FIELD(pcd_gather_augment_desc, excerpts)
    PCD_STRUCT(pcd_pack_entry) PCD_FIELD(pcd_pack_entry, op) PCD_FIELD(pcd_pack_entry, dtype)
        PCD_FIELD(pcd_pack_entry, channels) PCD_FIELD(pcd_pack_entry, leads)
        PCD_FIELD(pcd_pack_entry, blocks) PCD_FIELD(pcd_pack_entry, reserved)
        PCD_FIELD(pcd_pack_entry, parameters) PCD_FIELD(pcd_pack_entry, packed)
    PCD_STRUCT(pcd_pack_desc) PCD_FIELD(pcd_pack_desc, struct_size) PCD_FIELD(pcd_pack_desc, count)
        PCD_FIELD(pcd_pack_desc, entries)
    PCD_STRUCT(pcd_stem_desc) PCD_FIELD(pcd_stem_desc, struct_size) PCD_FIELD(pcd_stem_desc, flags)
        PCD_FIELD(pcd_stem_desc, input) PCD_FIELD(pcd_stem_desc, parameters)
        PCD_FIELD(pcd_stem_desc, packed) PCD_FIELD(pcd_stem_desc, output)
        PCD_FIELD(pcd_stem_desc, output_grad) PCD_FIELD(pcd_stem_desc, parameter_grad)
        PCD_FIELD(pcd_stem_desc, workspace)
    PCD_STRUCT(pcd_dilated_stack_desc) PCD_FIELD(pcd_dilated_stack_desc, struct_size)
        PCD_FIELD(pcd_dilated_stack_desc, flags) PCD_FIELD(pcd_dilated_stack_desc, blocks)
        PCD_FIELD(pcd_dilated_stack_desc, dilations) PCD_FIELD(pcd_dilated_stack_desc, reserved)
        PCD_FIELD(pcd_dilated_stack_desc, input) PCD_FIELD(pcd_dilated_stack_desc, parameters)
        PCD_FIELD(pcd_dilated_stack_desc, packed) PCD_FIELD(pcd_dilated_stack_desc, output)
        PCD_FIELD(pcd_dilated_stack_desc, saved) PCD_FIELD(pcd_dilated_stack_desc, workspace)
        PCD_FIELD(pcd_dilated_stack_desc, output_grad) PCD_FIELD(pcd_dilated_stack_desc, input_grad)
        PCD_FIELD(pcd_dilated_stack_desc, parameter_grad)
    PCD_STRUCT(pcd_pool_project_desc) PCD_FIELD(pcd_pool_project_desc, struct_size)
        PCD_FIELD(pcd_pool_project_desc, flags) PCD_FIELD(pcd_pool_project_desc, input)
        PCD_FIELD(pcd_pool_project_desc, parameters) PCD_FIELD(pcd_pool_project_desc, packed)
        PCD_FIELD(pcd_pool_project_desc, h) PCD_FIELD(pcd_pool_project_desc, z)
        PCD_FIELD(pcd_pool_project_desc, saved) PCD_FIELD(pcd_pool_project_desc, workspace)
        PCD_FIELD(pcd_pool_project_desc, h_grad) PCD_FIELD(pcd_pool_project_desc, z_grad)
        PCD_FIELD(pcd_pool_project_desc, input_grad) PCD_FIELD(pcd_pool_project_desc, parameter_grad)
    PCD_STRUCT(pcd_film_desc) PCD_FIELD(pcd_film_desc, struct_size) PCD_FIELD(pcd_film_desc, flags)
        PCD_FIELD(pcd_film_desc, input) PCD_FIELD(pcd_film_desc, h) PCD_FIELD(pcd_film_desc, parameters)
        PCD_FIELD(pcd_film_desc, packed) PCD_FIELD(pcd_film_desc, output) PCD_FIELD(pcd_film_desc, saved)
        PCD_FIELD(pcd_film_desc, workspace) PCD_FIELD(pcd_film_desc, output_grad)
        PCD_FIELD(pcd_film_desc, input_grad) PCD_FIELD(pcd_film_desc, h_grad)
        PCD_FIELD(pcd_film_desc, parameter_grad)
    PCD_STRUCT(pcd_head_desc) PCD_FIELD(pcd_head_desc, struct_size) PCD_FIELD(pcd_head_desc, flags)
        PCD_FIELD(pcd_head_desc, input) PCD_FIELD(pcd_head_desc, signal)
        PCD_FIELD(pcd_head_desc, parameters) PCD_FIELD(pcd_head_desc, anchor)
        PCD_FIELD(pcd_head_desc, packed) PCD_FIELD(pcd_head_desc, output) PCD_FIELD(pcd_head_desc, saved)
        PCD_FIELD(pcd_head_desc, workspace) PCD_FIELD(pcd_head_desc, output_grad)
        PCD_FIELD(pcd_head_desc, input_grad) PCD_FIELD(pcd_head_desc, parameter_grad)
    PCD_STRUCT(pcd_convolution_desc) PCD_FIELD(pcd_convolution_desc, struct_size)
        PCD_FIELD(pcd_convolution_desc, flags) PCD_FIELD(pcd_convolution_desc, taps)
        PCD_FIELD(pcd_convolution_desc, stride) PCD_FIELD(pcd_convolution_desc, padding)
        PCD_FIELD(pcd_convolution_desc, transposed) PCD_FIELD(pcd_convolution_desc, input)
        PCD_FIELD(pcd_convolution_desc, parameters) PCD_FIELD(pcd_convolution_desc, addend)
        PCD_FIELD(pcd_convolution_desc, output) PCD_FIELD(pcd_convolution_desc, workspace)
        PCD_FIELD(pcd_convolution_desc, output_grad) PCD_FIELD(pcd_convolution_desc, input_grad)
        PCD_FIELD(pcd_convolution_desc, parameter_grad)
    PCD_STRUCT(pcd_lstm_desc) PCD_FIELD(pcd_lstm_desc, struct_size) PCD_FIELD(pcd_lstm_desc, flags)
        PCD_FIELD(pcd_lstm_desc, directions) PCD_FIELD(pcd_lstm_desc, reserved)
        PCD_FIELD(pcd_lstm_desc, input) PCD_FIELD(pcd_lstm_desc, parameters) PCD_FIELD(pcd_lstm_desc, output)
        PCD_FIELD(pcd_lstm_desc, saved) PCD_FIELD(pcd_lstm_desc, workspace)
        PCD_FIELD(pcd_lstm_desc, output_grad) PCD_FIELD(pcd_lstm_desc, input_grad)
        PCD_FIELD(pcd_lstm_desc, parameter_grad)
    PCD_STRUCT(pcd_log_rms_desc) PCD_FIELD(pcd_log_rms_desc, struct_size) PCD_FIELD(pcd_log_rms_desc, flags)
        PCD_FIELD(pcd_log_rms_desc, scale) PCD_FIELD(pcd_log_rms_desc, reserved)
        PCD_FIELD(pcd_log_rms_desc, input) PCD_FIELD(pcd_log_rms_desc, h)
    PCD_STRUCT(pcd_reconstruction_loss_desc) PCD_FIELD(pcd_reconstruction_loss_desc, struct_size)
        PCD_FIELD(pcd_reconstruction_loss_desc, flags) PCD_FIELD(pcd_reconstruction_loss_desc, mse_weight)
        PCD_FIELD(pcd_reconstruction_loss_desc, l1_weight)
        PCD_FIELD(pcd_reconstruction_loss_desc, gradient_scale)
        PCD_FIELD(pcd_reconstruction_loss_desc, reserved)
        PCD_FIELD(pcd_reconstruction_loss_desc, prediction) PCD_FIELD(pcd_reconstruction_loss_desc, target)
        PCD_FIELD(pcd_reconstruction_loss_desc, state) PCD_FIELD(pcd_reconstruction_loss_desc, loss)
        PCD_FIELD(pcd_reconstruction_loss_desc, prediction_grad)
        PCD_FIELD(pcd_reconstruction_loss_desc, moments) PCD_FIELD(pcd_reconstruction_loss_desc, workspace)
    PCD_STRUCT(pcd_supcon_desc) PCD_FIELD(pcd_supcon_desc, struct_size) PCD_FIELD(pcd_supcon_desc, flags)
        PCD_FIELD(pcd_supcon_desc, target) PCD_FIELD(pcd_supcon_desc, temperature)
        PCD_FIELD(pcd_supcon_desc, row_begin) PCD_FIELD(pcd_supcon_desc, row_end)
        PCD_FIELD(pcd_supcon_desc, z) PCD_FIELD(pcd_supcon_desc, labels) PCD_FIELD(pcd_supcon_desc, groups)
        PCD_FIELD(pcd_supcon_desc, state) PCD_FIELD(pcd_supcon_desc, statistics)
        PCD_FIELD(pcd_supcon_desc, loss) PCD_FIELD(pcd_supcon_desc, z_grad)
        PCD_FIELD(pcd_supcon_desc, workspace)
    PCD_STRUCT(pcd_classifier_desc) PCD_FIELD(pcd_classifier_desc, struct_size)
        PCD_FIELD(pcd_classifier_desc, flags) PCD_FIELD(pcd_classifier_desc, gradient_scale)
        PCD_FIELD(pcd_classifier_desc, reserved) PCD_FIELD(pcd_classifier_desc, h)
        PCD_FIELD(pcd_classifier_desc, labels) PCD_FIELD(pcd_classifier_desc, parameters)
        PCD_FIELD(pcd_classifier_desc, packed) PCD_FIELD(pcd_classifier_desc, state)
        PCD_FIELD(pcd_classifier_desc, logits) PCD_FIELD(pcd_classifier_desc, loss)
        PCD_FIELD(pcd_classifier_desc, h_grad) PCD_FIELD(pcd_classifier_desc, parameter_grad)
        PCD_FIELD(pcd_classifier_desc, workspace)
    PCD_STRUCT(pcd_ridge_desc) PCD_FIELD(pcd_ridge_desc, struct_size) PCD_FIELD(pcd_ridge_desc, flags)
        PCD_FIELD(pcd_ridge_desc, inputs) PCD_FIELD(pcd_ridge_desc, targets) PCD_FIELD(pcd_ridge_desc, gram)
        PCD_FIELD(pcd_ridge_desc, moment) PCD_FIELD(pcd_ridge_desc, workspace)
    PCD_STRUCT(pcd_adamw_desc) PCD_FIELD(pcd_adamw_desc, struct_size) PCD_FIELD(pcd_adamw_desc, flags)
        PCD_FIELD(pcd_adamw_desc, beta1) PCD_FIELD(pcd_adamw_desc, beta2) PCD_FIELD(pcd_adamw_desc, epsilon)
        PCD_FIELD(pcd_adamw_desc, weight_decay) PCD_FIELD(pcd_adamw_desc, clip_norm)
        PCD_FIELD(pcd_adamw_desc, average_decay) PCD_FIELD(pcd_adamw_desc, parameters)
        PCD_FIELD(pcd_adamw_desc, gradients) PCD_FIELD(pcd_adamw_desc, first_moment)
        PCD_FIELD(pcd_adamw_desc, second_moment) PCD_FIELD(pcd_adamw_desc, average)
        PCD_FIELD(pcd_adamw_desc, segments) PCD_FIELD(pcd_adamw_desc, decay)
        PCD_FIELD(pcd_adamw_desc, state) PCD_FIELD(pcd_adamw_desc, workspace)
    PCD_STRUCT(pcd_fill_desc) PCD_FIELD(pcd_fill_desc, struct_size) PCD_FIELD(pcd_fill_desc, flags)
        PCD_FIELD(pcd_fill_desc, value) PCD_FIELD(pcd_fill_desc, tensor)
    PCD_STRUCT(pcd_cast_desc) PCD_FIELD(pcd_cast_desc, struct_size) PCD_FIELD(pcd_cast_desc, flags)
        PCD_FIELD(pcd_cast_desc, source) PCD_FIELD(pcd_cast_desc, target)
    PCD_STRUCT(pcd_copy_desc) PCD_FIELD(pcd_copy_desc, struct_size) PCD_FIELD(pcd_copy_desc, flags)
        PCD_FIELD(pcd_copy_desc, source) PCD_FIELD(pcd_copy_desc, target)
    PCD_STRUCT(pcd_multiply_add_desc) PCD_FIELD(pcd_multiply_add_desc, struct_size)
        PCD_FIELD(pcd_multiply_add_desc, flags) PCD_FIELD(pcd_multiply_add_desc, dtype)
        PCD_FIELD(pcd_multiply_add_desc, reserved) PCD_FIELD(pcd_multiply_add_desc, rounds)
        PCD_FIELD(pcd_multiply_add_desc, operations)
    PCD_STRUCT(pcd_communicator_desc) PCD_FIELD(pcd_communicator_desc, struct_size)
        PCD_FIELD(pcd_communicator_desc, kind) PCD_FIELD(pcd_communicator_desc, rank)
        PCD_FIELD(pcd_communicator_desc, ranks) PCD_FIELD(pcd_communicator_desc, unique_id)
    PCD_STRUCT(pcd_communicator_info) PCD_FIELD(pcd_communicator_info, struct_size)
        PCD_FIELD(pcd_communicator_info, kind) PCD_FIELD(pcd_communicator_info, rank)
        PCD_FIELD(pcd_communicator_info, ranks) PCD_FIELD(pcd_communicator_info, collectives)
        PCD_FIELD(pcd_communicator_info, bytes) PCD_FIELD(pcd_communicator_info, waited)
    PCD_STRUCT(pcd_trace_desc) PCD_FIELD(pcd_trace_desc, struct_size) PCD_FIELD(pcd_trace_desc, flags)
        PCD_FIELD(pcd_trace_desc, capacity)
    PCD_STRUCT(pcd_trace_event) PCD_FIELD(pcd_trace_event, kind) PCD_FIELD(pcd_trace_event, stream)
        PCD_FIELD(pcd_trace_event, begin) PCD_FIELD(pcd_trace_event, end) PCD_FIELD(pcd_trace_event, bytes)
        PCD_FIELD(pcd_trace_event, operations) PCD_FIELD(pcd_trace_event, dtype)
        PCD_FIELD(pcd_trace_event, rank) PCD_FIELD(pcd_trace_event, shape)
        PCD_FIELD(pcd_trace_event, reserved) PCD_FIELD(pcd_trace_event, name)
  // clang-format on
#undef PCD_FIELD
#undef PCD_STRUCT
  return text;
}

}  // namespace

int32_t pcd_abi_version(void) { return PCD_ABI_VERSION; }

const char* pcd_build_info(void) { return kBuildInfo; }

const char* pcd_abi_layout(void) {
  try {
    static const std::string* const text = new std::string(make_layout());
    return text->c_str();
  } catch (...) {
    return "";
  }
}

const char* pcd_status_name(int32_t status) {
  switch (status) {
#define PCD_NAME(name) \
  case name: return #name;
    PCD_NAME(PCD_OK)
    PCD_NAME(PCD_ERROR_ARGUMENT)
    PCD_NAME(PCD_ERROR_SHAPE)
    PCD_NAME(PCD_ERROR_UNSUPPORTED)
    PCD_NAME(PCD_ERROR_NO_DEVICE)
    PCD_NAME(PCD_ERROR_DRIVER_TOO_OLD)
    PCD_NAME(PCD_ERROR_NO_KERNEL_IMAGE)
    PCD_NAME(PCD_ERROR_OUT_OF_MEMORY)
    PCD_NAME(PCD_ERROR_DEVICE_LOST)
    PCD_NAME(PCD_ERROR_COMMUNICATION)
    PCD_NAME(PCD_ERROR_INTERNAL)
    PCD_NAME(PCD_ERROR_NO_PLUGIN)
#undef PCD_NAME
    default: return "unknown status";
  }
}
