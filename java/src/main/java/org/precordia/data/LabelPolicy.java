// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * Which diagnostic statements of a recording count as its labels for contrast.
 *
 * @param minimumLikelihood percent from which a statement counts
 * @param keepUnknown whether a statement of likelihood 0, which means unknown, counts too
 * @param diagnosticOnly whether statements of form and rhythm are left out
 */
public record LabelPolicy(double minimumLikelihood, boolean keepUnknown, boolean diagnosticOnly) {
  /** Diagnostic statements of likelihood 80 or more, or of unknown likelihood. */
  public static final LabelPolicy DEFAULT = new LabelPolicy(80, true, true);

  public LabelPolicy {
    if (!(minimumLikelihood > 0 && minimumLikelihood <= 100)) {
      throw new IllegalArgumentException(
          "minimum likelihood must lie in (0, 100], was " + minimumLikelihood);
    }
  }

  /** The same policy without statements of unknown likelihood. */
  public LabelPolicy dropUnknown() {
    return new LabelPolicy(minimumLikelihood, false, diagnosticOnly);
  }

  /** Whether a statement's likelihood alone is enough. */
  boolean certain(double likelihood) {
    return likelihood >= minimumLikelihood;
  }

  /** Whether a statement counts. */
  boolean accepts(double likelihood, boolean diagnostic) {
    return (diagnostic || !diagnosticOnly)
        && (certain(likelihood) || keepUnknown && likelihood == 0);
  }
}
