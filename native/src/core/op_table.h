// SPDX-License-Identifier: Apache-2.0
//
// Every op of the ABI, once. Entry points, names, size queries and validation follow from these tables.
#ifndef PCD_CORE_OP_TABLE_H
#define PCD_CORE_OP_TABLE_H

#include "core/backend.h"

// X(op, descriptor): pcd_<op>(stream, const pcd_<descriptor>_desc*). Ops of the model, which every backend has.
#define PCD_MODEL_OP_TABLE(X)                        \
  X(step_begin, step_begin)                          \
  X(metrics, metrics)                                \
  X(gather_augment, gather_augment)                  \
  X(pack, pack)                                      \
  X(stem_forward, stem)                              \
  X(stem_backward, stem)                             \
  X(dilated_stack_forward, dilated_stack)            \
  X(dilated_stack_backward, dilated_stack)           \
  X(pool_project_forward, pool_project)              \
  X(pool_project_backward, pool_project)             \
  X(film_forward, film)                              \
  X(film_backward, film)                             \
  X(head_forward, head)                              \
  X(head_backward, head)                             \
  X(reconstruction_loss, reconstruction_loss)        \
  X(supcon_forward, supcon)                          \
  X(supcon_backward, supcon)                         \
  X(classifier_forward, classifier)                  \
  X(classifier_backward, classifier)                 \
  X(ridge, ridge)                                    \
  X(adamw, adamw)                                    \
  X(fill, fill)                                      \
  X(cast, cast)                                      \
  X(copy, copy)                                      \
  X(multiply_add, multiply_add)

// Ops of the networks that the model is compared with: the CPU's alone.
#define PCD_CPU_OP_TABLE(X)               \
  X(convolution_forward, convolution)     \
  X(convolution_backward, convolution)    \
  X(lstm_forward, lstm)                   \
  X(lstm_backward, lstm)                  \
  X(log_rms, log_rms)

#define PCD_OP_TABLE(X) PCD_MODEL_OP_TABLE(X) PCD_CPU_OP_TABLE(X)

// X(descriptor, first op, last op): pcd_<descriptor>_workspace_size, the largest over these ops
#define PCD_MODEL_WORKSPACE_TABLE(X)                                 \
  X(stem, stem_forward, stem_backward)                               \
  X(dilated_stack, dilated_stack_forward, dilated_stack_backward)    \
  X(pool_project, pool_project_forward, pool_project_backward)       \
  X(film, film_forward, film_backward)                               \
  X(head, head_forward, head_backward)                               \
  X(reconstruction_loss, reconstruction_loss, reconstruction_loss)   \
  X(supcon, supcon_forward, supcon_backward)                         \
  X(classifier, classifier_forward, classifier_backward)             \
  X(ridge, ridge, ridge)                                             \
  X(adamw, adamw, adamw)

#define PCD_CPU_WORKSPACE_TABLE(X)                              \
  X(convolution, convolution_forward, convolution_backward)     \
  X(lstm, lstm_forward, lstm_backward)

#define PCD_WORKSPACE_TABLE(X) PCD_MODEL_WORKSPACE_TABLE(X) PCD_CPU_WORKSPACE_TABLE(X)

// X(descriptor, forward op): pcd_<descriptor>_saved_size
#define PCD_MODEL_SAVED_TABLE(X)            \
  X(dilated_stack, dilated_stack_forward)   \
  X(pool_project, pool_project_forward)     \
  X(film, film_forward)                     \
  X(head, head_forward)

#define PCD_SAVED_TABLE(X) PCD_MODEL_SAVED_TABLE(X) X(lstm, lstm_forward)

namespace pcd {

// "stem_forward"; static.
const char* op_name(OpId op) noexcept;

// The forward op of a backward one, any other op itself.
OpId forward_of(OpId op) noexcept;

inline bool is_backward(OpId op) noexcept { return forward_of(op) != op; }

// Whether only the CPU has the op; what another backend says then.
inline bool is_cpu_op(OpId op) noexcept {
  switch (op) {
#define PCD_CASE(name, descriptor) \
  case OpId::name: return true;
    PCD_CPU_OP_TABLE(PCD_CASE)
#undef PCD_CASE
    default: return false;
  }
}
constexpr const char* kCpuOpMessage =
    "only the CPU computes this op, which the model itself does not need: run on the CPU (--backend cpu)";

}  // namespace pcd

#endif
