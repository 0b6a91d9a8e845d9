// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Locale;

/** The three sizes of the network. */
public enum Size {
  SMALL(64),
  BASE(128),
  LARGE(256);

  private final int width;

  Size(int width) {
    this.width = width;
  }

  /** C, channels of every activation. */
  public int width() {
    return width;
  }

  /** The name used by options: {@code small}, {@code base} or {@code large}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
