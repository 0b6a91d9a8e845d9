// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A WFDB header: the record line, the signal or segment lines and the comments.
 *
 * @param file the header file
 * @param name record name: the header's file name without extension
 * @param rate frames per second in Hz
 * @param length frames, or -1 when the header does not say
 * @param counter what the record line says of the counter after the rate, verbatim, or empty
 * @param clock what the record line says of time and date, verbatim, or empty
 * @param signals signal lines in order; empty when there are segments
 * @param segments segment lines in order; empty when there are signals
 * @param comments comment lines in order, without the number sign
 */
public record WfdbHeader(
    Path file,
    String name,
    double rate,
    long length,
    String counter,
    String clock,
    List<WfdbSignal> signals,
    List<Segment> segments,
    List<String> comments) {

  private static final Pattern TIME = Pattern.compile("(\\d{1,2}):(\\d{2}):(\\d{2})(\\.\\d{1,9})?");
  private static final Pattern DATE = Pattern.compile("(\\d{1,2})/(\\d{1,2})/(\\d{4})");

  /** The name of a segment that was not recorded. */
  private static final String NULL_SEGMENT = "~";

  /**
   * One segment line of a record that is stored in parts.
   *
   * @param name the segment's record name
   * @param length its frames; 0 marks a layout, which has signal lines but no samples
   * @param line line of the header counted from 1
   */
  public record Segment(String name, long length, int line) {
    /** Whether nothing was recorded for the segment's length. */
    public boolean missing() {
      return name.equals(NULL_SEGMENT);
    }
  }

  public WfdbHeader {
    signals = List.copyOf(signals);
    segments = List.copyOf(segments);
    comments = List.copyOf(comments);
  }

  /** The signal of a lead. */
  public Optional<WfdbSignal> signal(Lead lead) {
    return signals.stream().filter(s -> s.lead().filter(lead::equals).isPresent()).findFirst();
  }

  /**
   * When the record begins, where the record line gives time and date as the WFDB manual has it.
   */
  public Optional<LocalDateTime> start() {
    Matcher time = TIME.matcher(clock);
    Matcher date = DATE.matcher(clock);
    if (!time.find() || !date.find(time.end())) {
      return Optional.empty();
    }
    try {
      LocalDateTime second =
          LocalDateTime.of(
              Integer.parseInt(date.group(3)),
              Integer.parseInt(date.group(2)),
              Integer.parseInt(date.group(1)),
              Integer.parseInt(time.group(1)),
              Integer.parseInt(time.group(2)),
              Integer.parseInt(time.group(3)));
      String fraction = time.group(4);
      return Optional.of(
          fraction == null
              ? second
              : second.withNano((int) Math.round(Double.parseDouble("0" + fraction) * 1e9)));
    } catch (DateTimeException e) {
      // The manual's pattern, but no such day or hour: the record has no usable date.
      return Optional.empty();
    }
  }

  /** The value of the first comment {@code key: value}, whatever the key's case. */
  public Optional<String> comment(String key) {
    return comment(comments, key);
  }

  /** The value of the first line {@code key: value} among comments, whatever the key's case. */
  static Optional<String> comment(List<String> comments, String key) {
    for (String comment : comments) {
      int colon = comment.indexOf(':');
      if (colon > 0 && comment.substring(0, colon).strip().equalsIgnoreCase(key)) {
        return Optional.of(comment.substring(colon + 1).strip());
      }
    }
    return Optional.empty();
  }
}
