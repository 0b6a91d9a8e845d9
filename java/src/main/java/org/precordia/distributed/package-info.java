// SPDX-License-Identifier: Apache-2.0

/**
 * Many processes, one job: which rank this one is, how the ranks meet, how they notice that one of
 * them is lost, and the communicator that moves their tensors (docs/distributed.md).
 *
 * <p>Begin with {@link org.precordia.distributed.Job}. Tensors move by NCCL or MPI behind the C
 * ABI; the connection between the ranks that this package keeps carries words only.
 */
package org.precordia.distributed;
