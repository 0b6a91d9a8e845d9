// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/**
 * A window of a record.
 *
 * @param record index of the record in its shard
 * @param start first sample
 */
public record WindowRef(int record, int start) {}
