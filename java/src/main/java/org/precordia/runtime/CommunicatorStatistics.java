// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/**
 * What a rank has done so far with a communicator.
 *
 * @param collectives calls, those of launched graphs included; of a graph that a GPU captured,
 *     those that it recorded
 * @param bytes bytes of the tensors of all collectives, of two the larger one
 * @param waitedNanos time inside collectives and joins, on a backend that executes at the call;
 *     else 0
 */
public record CommunicatorStatistics(long collectives, long bytes, long waitedNanos) {}
