// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * The index entry of one recording in a {@link Shard}. Arrays are the shard's own: do not change
 * them.
 *
 * @param index position in the shard
 * @param id identifier in the data set
 * @param patient index of the patient, see {@link Shard#patient}
 * @param patientName the patient's identifier in the data set
 * @param fold 1–10, or 0 when the data set assigns none
 * @param length samples per lead
 * @param offset first sample of the first lead, in int16 elements from the start of {@link
 *     Shard#samples}; lead {@code k} starts {@code k * length} elements later
 * @param labels mask of the labels that count for contrast, 128 bits
 * @param certainLabels mask of all statements, also of form and rhythm, of sufficient likelihood
 * @param superclasses mask of the diagnostic superclasses of any likelihood
 * @param labelsVerbatim false when likelihoods were lost before this copy of the data set
 * @param age years, or NaN when unknown
 * @param sex sex as recorded
 * @param clipped samples that were beyond ±32.767 mV
 * @param duplicateOf index of an earlier record with the same signal, or -1
 * @param rPeaks sample indices of the R peaks in lead II, ascending
 */
public record ShardRecord(
    int index,
    String id,
    int patient,
    String patientName,
    int fold,
    int length,
    long offset,
    long[] labels,
    long[] certainLabels,
    int superclasses,
    boolean labelsVerbatim,
    double age,
    Subject.Sex sex,
    int clipped,
    int duplicateOf,
    int[] rPeaks) {

  /** Whether the record has a label of this bit. */
  public boolean hasLabel(int bit) {
    return (labels[bit >> 6] >>> (bit & 63) & 1) != 0;
  }

  /** Whether an earlier record of the shard has the same signal. */
  public boolean isDuplicate() {
    return duplicateOf >= 0;
  }
}
