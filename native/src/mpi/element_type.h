// SPDX-License-Identifier: Apache-2.0
//
// MPI's types and sums for PCD_DTYPE_*; bf16, which MPI does not know, is added in fp32 and rounded once a pair.
#ifndef PCD_MPI_ELEMENT_TYPE_H
#define PCD_MPI_ELEMENT_TYPE_H

#include <mpi.h>

#include <cstdint>

namespace pcd::mpi {

struct ElementType {
  MPI_Datatype type;
  MPI_Op sum;
};

// Of a type that can be summed. Where MPI may be called.
ElementType element_type(int32_t dtype);

// data /= ranks, of a floating type.
void divide(void* data, int64_t count, int32_t dtype, int32_t ranks);

}  // namespace pcd::mpi

#endif
