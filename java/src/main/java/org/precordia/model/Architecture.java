// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Locale;

/** What computes the waveform: the model's own network, or one to compare it with. */
public enum Architecture {
  /** Residual blocks of dilated convolutions at full rate: the model. */
  DILATED(1),
  /** Four halvings of the rate and four doublings, joined by skips (Ronneberger et al. 2015). */
  UNET(16),
  /** The U-Net with a bidirectional LSTM at its lowest rate. */
  LSTM_UNET(16);

  private final int lengthUnit;

  Architecture(int lengthUnit) {
    this.lengthUnit = lengthUnit;
  }

  /** Samples that a window's length must be a multiple of. */
  public int lengthUnit() {
    return lengthUnit;
  }

  /** What modulates its waveform unless said otherwise. */
  public Conditioning conditioning() {
    return this == DILATED ? Conditioning.EMBEDDING : Conditioning.NONE;
  }

  /** The name in options and files: {@code dilated}, {@code unet} or {@code lstm-unet}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * An architecture by its name.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Architecture of(String id) {
    for (Architecture architecture : values()) {
      if (architecture.id().equals(id)) {
        return architecture;
      }
    }
    throw new IllegalArgumentException(
        "no network \"" + id + "\": choose dilated, unet or lstm-unet");
  }

  @Override
  public String toString() {
    return id();
  }
}
