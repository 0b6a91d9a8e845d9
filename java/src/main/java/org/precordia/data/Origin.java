// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;

/**
 * Where a recording comes from, as far as its file says.
 *
 * @param format the file's format, for example {@code WFDB 16} or {@code EDF+C}; empty when the
 *     recording was not read from a file
 * @param start when the first sample was taken, in the time of the place
 * @param patient whom it was recorded from
 * @param notes what the reader found or concluded about the file, a sentence each
 */
public record Origin(
    String format, Optional<LocalDateTime> start, Optional<Patient> patient, List<String> notes) {
  /** Nothing is known. */
  public static final Origin UNKNOWN =
      new Origin("", Optional.empty(), Optional.empty(), List.of());

  public Origin {
    patient = patient.filter(Patient::known);
    notes = List.copyOf(notes);
  }
}
