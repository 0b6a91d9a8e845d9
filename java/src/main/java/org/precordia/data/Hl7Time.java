// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as HL7 and DICOM write them: {@code 20051231235959.123}, from the left as far as known. */
final class Hl7Time {
  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4})(\\d{2})(\\d{2})(?:(\\d{2})(\\d{2})(?:(\\d{2})(?:\\.(\\d{1,9}))?)?)?"
              + "(?:[-+]\\d{4})?");

  private Hl7Time() {}

  /** The time in the time of the place; empty when it is not one, or not known to the day. */
  static Optional<LocalDateTime> parse(String text) {
    Matcher matcher = TIME.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      String fraction = matcher.group(7) == null ? "0" : matcher.group(7);
      return Optional.of(
          LocalDateTime.of(
              number(matcher, 1),
              number(matcher, 2),
              number(matcher, 3),
              number(matcher, 4),
              number(matcher, 5),
              number(matcher, 6),
              Integer.parseInt((fraction + "000000000").substring(0, 9))));
    } catch (DateTimeException e) {
      // No such day or hour.
      return Optional.empty();
    }
  }

  private static int number(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Integer.parseInt(matcher.group(group));
  }
}
