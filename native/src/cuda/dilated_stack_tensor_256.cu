// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on tensor cores, C = 256.
#include "cuda/dilated_stack_tensor.h"

namespace pcd::cuda::stack::tensor {

template void forward<256>(const Queue&, const pcd_dilated_stack_desc&);
template void backward<256>(const Queue&, const pcd_dilated_stack_desc&);

}  // namespace pcd::cuda::stack::tensor
