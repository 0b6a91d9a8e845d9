// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * A WFDB record as its files store it: every signal in ADC units, leads and others, signals of
 * several samples a frame and skewed ones included. Written again it keeps every sample.
 *
 * @param header the record's header
 * @param samples {@code [signal][sample]} in the header's order; a missing sample is {@link
 *     #MISSING}
 */
public record DigitalRecord(WfdbHeader header, int[][] samples) {
  /** Stands for a missing sample, whatever the format marked it with. */
  public static final int MISSING = Integer.MIN_VALUE;
}
