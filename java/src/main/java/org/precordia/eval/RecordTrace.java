// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/**
 * The target leads of a record, in mV, joined from overlapping windows; NaN where no window lies.
 *
 * @param index position of the record in the shard
 * @param truth as recorded, {@code [target][sample]}
 * @param reconstructed as the network has them, {@code [target][sample]}
 */
public record RecordTrace(int index, double[][] truth, double[][] reconstructed) {}
