// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.Locale;

/**
 * How a raw ECG becomes the signal the network sees. A property of a shard and of a model: the two
 * must agree.
 */
public enum Preprocessing {
  /** Resampled, then Butterworth band-pass 0.5–45 Hz of order 4 without phase. */
  DEFAULT("resampled; Butterworth band-pass 0.5-45 Hz, order 4, forwards and backwards"),

  /**
   * {@link #DEFAULT}, then a running median of 0.6 s subtracted, as the paper's authors do. It
   * flattens the ST segment and breaks III = II - I.
   */
  PAPER(DEFAULT.description + "; running median of 0.6 s subtracted");

  private final String description;

  Preprocessing(String description) {
    this.description = description;
  }

  /** The name used by options, shards and models: {@code default} or {@code paper}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The filter chain in words. */
  public String description() {
    return description;
  }

  /**
   * Finds a preset by its {@link #id}.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Preprocessing of(String id) {
    for (Preprocessing preset : values()) {
      if (preset.id().equals(id)) {
        return preset;
      }
    }
    throw new IllegalArgumentException(
        "no preprocessing preset \"" + id + "\": choose default or paper");
  }
}
