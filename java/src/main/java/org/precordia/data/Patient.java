// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * Whom a file says it was recorded from. Names are never read.
 *
 * @param id the file's identifier of the patient, empty when it has none
 * @param age in years at the recording, NaN when unknown
 * @param sex sex
 */
public record Patient(String id, double age, Subject.Sex sex) {
  /** Whether the file says anything at all. */
  boolean known() {
    return !id.isEmpty() || !Double.isNaN(age) || sex != Subject.Sex.UNKNOWN;
  }
}
