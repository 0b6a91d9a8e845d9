// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on tensor cores, C = 64.
#include "cuda/dilated_stack_tensor.h"

namespace pcd::cuda::stack::tensor {

template void forward<64>(const Queue&, const pcd_dilated_stack_desc&);
template void backward<64>(const Queue&, const pcd_dilated_stack_desc&);

}  // namespace pcd::cuda::stack::tensor
