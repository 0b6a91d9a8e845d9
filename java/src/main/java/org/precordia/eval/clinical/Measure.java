// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.clinical;

/**
 * What is measured in each beat of a lead. Levels are in mV and stand over the lead's own mean of
 * the 40 ms before QRS onset; moments are those of the recorded lead II.
 */
public enum Measure {
  /** Level at lead II's R peak. */
  R_AMPLITUDE("r_amplitude", "R amplitude", "mV"),
  /** Largest modulus of the level between QRS onset and J. */
  QRS_AMPLITUDE("qrs_amplitude", "QRS amplitude", "mV"),
  /** Level at the T peak. */
  T_AMPLITUDE("t_amplitude", "T amplitude", "mV"),
  /** Level 60 ms after J. */
  ST60("st60", "ST at J + 60 ms", "mV"),
  /** Level 80 ms after J. */
  ST80("st80", "ST at J + 80 ms", "mV"),
  /** From QRS onset to J of the lead itself, by the same delineator. */
  QRS_DURATION("qrs_duration", "QRS duration", "ms");

  /** A larger error of an ST level changes what is said of it, in mV. */
  public static final double LARGE_ST_ERROR = 0.1;

  private final String key;
  private final String title;
  private final String unit;

  Measure(String key, String title, String unit) {
    this.key = key;
    this.title = title;
    this.unit = unit;
  }

  /** Name in JSON. */
  public String key() {
    return key;
  }

  /** Name in tables. */
  public String title() {
    return title;
  }

  /** {@code mV} or {@code ms}. */
  public String unit() {
    return unit;
  }

  /** Whether it is a level of the ST segment. */
  public boolean isSt() {
    return this == ST60 || this == ST80;
  }
}
