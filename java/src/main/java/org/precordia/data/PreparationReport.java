// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.List;

/**
 * What a preparation did.
 *
 * @param records records written
 * @param patients patients among them
 * @param samples samples per lead written, over all records
 * @param clipped samples that were beyond ±32.767 mV, over all leads
 * @param invalid samples that are missing or lie too near a gap, over all leads
 * @param rPeaks R peaks found in lead II
 * @param worstResidual largest contradiction among measured limb leads in mV
 * @param residualRecord the record in which it occurs, empty when there is none
 * @param skipped records left out
 * @param duplicates records that repeat an earlier one; they are written and marked
 * @param droppedLabels codes for which the label mask had no bit left
 * @param seconds time taken
 */
public record PreparationReport(
    int records,
    int patients,
    long samples,
    long clipped,
    long invalid,
    long rPeaks,
    double worstResidual,
    String residualRecord,
    List<Skipped> skipped,
    List<Duplicate> duplicates,
    List<String> droppedLabels,
    double seconds) {

  /** A record that was left out, and why. */
  public record Skipped(String id, String reason) {}

  /** A record whose signal is that of an earlier one. */
  public record Duplicate(String id, String of) {}

  public PreparationReport {
    skipped = List.copyOf(skipped);
    duplicates = List.copyOf(duplicates);
    droppedLabels = List.copyOf(droppedLabels);
  }
}
