// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The accuracy that a run is to reach: {@code pearson=0.9} or {@code rmse=0.05} (mV per window).
 *
 * @param score what is measured
 * @param value the bound
 */
public record Goal(Score score, double value) {
  private static final Pattern TEXT = Pattern.compile("([a-z]+)=(\\d*\\.?\\d+)");

  /** What may be asked for. */
  public enum Score {
    /** Pearson's correlation, to be reached from below. */
    PEARSON,
    /** Root mean square error per window in mV, to be reached from above. */
    RMSE
  }

  /**
   * Reads a goal.
   *
   * @throws IllegalArgumentException when the text is none; the message says what is wrong
   */
  public static Goal parse(String text) {
    Matcher parts = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (parts.matches()) {
      for (Score score : Score.values()) {
        if (score.name().equalsIgnoreCase(parts.group(1))) {
          return new Goal(score, Double.parseDouble(parts.group(2)));
        }
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no accuracy to reach: write pearson=0.9 or rmse=0.05, one of %s"
            .formatted(text, Arrays.toString(Score.values()).toLowerCase(Locale.ROOT)));
  }

  /** Whether a figure reaches it. */
  public boolean reached(double figure) {
    return score == Score.PEARSON ? figure >= value : figure <= value;
  }

  @Override
  public String toString() {
    return score.name().toLowerCase(Locale.ROOT)
        + (score == Score.PEARSON ? " >= " : " <= ")
        + value;
  }
}
