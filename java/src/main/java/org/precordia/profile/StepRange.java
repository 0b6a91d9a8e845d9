// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

/**
 * Steps of training, both ends included.
 *
 * @param first from 1
 */
public record StepRange(long first, long last) {
  /** Everything, before and after training's steps too. */
  public static final StepRange ALL = new StepRange(0, Long.MAX_VALUE);

  /** Reads {@code FROM:TO}; either side may be left out, but for the colon. */
  public static StepRange parse(String text) {
    int colon = text.indexOf(':');
    try {
      long first = Long.parseLong(colon == 0 ? "1" : text.substring(0, colon));
      String rest = text.substring(colon + 1);
      long last = rest.isEmpty() ? Long.MAX_VALUE : Long.parseLong(rest);
      if (first >= 1 && last >= first) {
        return new StepRange(first, last);
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(problem(text), e);
    }
    throw new IllegalArgumentException(problem(text));
  }

  private static String problem(String text) {
    return "'%s' is no range of steps: FROM:TO with 1 <= FROM <= TO, for example 20:29"
        .formatted(text);
  }

  boolean contains(long step) {
    return step >= first && step <= last;
  }
}
