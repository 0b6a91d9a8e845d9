// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A part of a command's work that no other span names. */
@Name("org.precordia.Phase")
@Label("Phase")
@Category("Precordia")
@Description("A part of a command's work: an epoch, a row of an evaluation, a file")
@StackTrace(false)
public final class PhaseSpan extends Span {
  @Label("Phase")
  final String phase;

  @Label("Subject")
  @Description("What it is done to")
  final String subject;

  /**
   * Begins a phase.
   *
   * @param phase one of few names
   * @param subject which of them, for example a file
   */
  public PhaseSpan(String phase, Object subject) {
    this.phase = phase;
    this.subject = Profile.recording() || isEnabled() ? String.valueOf(subject) : "";
    open();
  }

  @Override
  String title() {
    return phase;
  }

  @Override
  String category() {
    return "phase";
  }

  @Override
  void describe(Arguments arguments) {
    arguments.put("subject", subject);
  }
}
