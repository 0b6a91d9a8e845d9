// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A WFDB header: the record line, the signal lines and the comments.
 *
 * @param file the header file
 * @param name record name: the header's file name without extension
 * @param rate frames per second in Hz
 * @param length frames, or -1 when the header does not say
 * @param signals signal lines in order
 * @param comments comment lines in order, without the number sign
 */
public record WfdbHeader(
    Path file,
    String name,
    double rate,
    long length,
    List<WfdbSignal> signals,
    List<String> comments) {

  public WfdbHeader {
    signals = List.copyOf(signals);
    comments = List.copyOf(comments);
  }

  /** The signal of a lead. */
  public Optional<WfdbSignal> signal(Lead lead) {
    return signals.stream().filter(s -> s.lead().filter(lead::equals).isPresent()).findFirst();
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
