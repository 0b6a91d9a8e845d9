// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.List;

/**
 * A multi-lead ECG in millivolts. Missing samples are {@link Float#NaN}.
 *
 * @param name record name, without folder or extension
 * @param rate sampling rate in Hz
 * @param leads the leads, in the order of {@code millivolts}, each at most once
 * @param millivolts samples in mV, {@code [lead][time]}, all rows of one length
 * @param comments free text lines of the source file's header, in order
 * @param origin format, start and patient, as far as the source file says
 */
public record Recording(
    String name,
    double rate,
    List<Lead> leads,
    float[][] millivolts,
    List<String> comments,
    Origin origin) {

  public Recording {
    leads = List.copyOf(leads);
    comments = List.copyOf(comments);
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(name + ": sampling rate must be positive, was " + rate);
    }
    if (leads.size() != millivolts.length) {
      throw new IllegalArgumentException(
          name + ": " + leads.size() + " leads but " + millivolts.length + " signals");
    }
    if (leads.stream().distinct().count() != leads.size()) {
      throw new IllegalArgumentException(name + ": a lead occurs twice in " + leads);
    }
    for (float[] row : millivolts) {
      if (row.length != millivolts[0].length) {
        throw new IllegalArgumentException(name + ": signals differ in length");
      }
    }
  }

  /** A recording that was not read from a file. */
  public Recording(
      String name, double rate, List<Lead> leads, float[][] millivolts, List<String> comments) {
    this(name, rate, leads, millivolts, comments, Origin.UNKNOWN);
  }

  /** The same recording under another name. */
  public Recording withName(String other) {
    return new Recording(other, rate, leads, millivolts, comments, origin);
  }

  /** The same recording with one more note on its origin. */
  Recording withNote(String note) {
    List<String> notes = new ArrayList<>(origin.notes());
    notes.add(note);
    return new Recording(
        name,
        rate,
        leads,
        millivolts,
        comments,
        new Origin(origin.format(), origin.start(), origin.patient(), notes));
  }

  /** The same recording with other leads. */
  public Recording withLeads(List<Lead> others, float[][] signals) {
    return new Recording(name, rate, others, signals, comments, origin);
  }

  /** Samples per lead. */
  public int length() {
    return millivolts.length == 0 ? 0 : millivolts[0].length;
  }

  /** Duration in seconds. */
  public double seconds() {
    return length() / rate;
  }

  /** Whether the recording holds this lead. */
  public boolean has(Lead lead) {
    return leads.contains(lead);
  }

  /**
   * The samples of one lead in mV; the recording's own array, not a copy.
   *
   * @throws IllegalArgumentException when the recording lacks the lead
   */
  public float[] signal(Lead lead) {
    int index = leads.indexOf(lead);
    if (index < 0) {
      throw new IllegalArgumentException(name + " has no lead " + lead + "; it has " + leads);
    }
    return millivolts[index];
  }
}
