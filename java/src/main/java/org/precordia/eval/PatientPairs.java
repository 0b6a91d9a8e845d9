// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/**
 * A clinical measure in one lead, a pair a patient: means over beats, then over records. Arrays are
 * the pairs' own: do not change them.
 *
 * @param records number of records behind the pairs
 * @param patients the patients' identifiers
 * @param truth in the recorded lead
 * @param reconstructed in the reconstructed lead
 */
public record PatientPairs(int records, String[] patients, double[] truth, double[] reconstructed) {
  /** Number of pairs. */
  public int size() {
    return truth.length;
  }

  /** Reconstructed minus true. */
  public double difference(int pair) {
    return reconstructed[pair] - truth[pair];
  }

  /** Half the sum of both. */
  public double middle(int pair) {
    return 0.5 * (truth[pair] + reconstructed[pair]);
  }
}
