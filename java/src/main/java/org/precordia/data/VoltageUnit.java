// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Locale;
import java.util.OptionalDouble;

/** Units of voltage as files write them. */
final class VoltageUnit {
  private VoltageUnit() {}

  /** Millivolts per unit, empty when it is no unit of voltage. */
  static OptionalDouble millivolts(String unit) {
    return switch (unit.strip().toLowerCase(Locale.ROOT)) {
      case "mv", "millivolt" -> OptionalDouble.of(1);
      // Both code points of the micro sign occur.
      case "uv", "\u00b5v", "\u03bcv", "microvolt" -> OptionalDouble.of(1e-3);
      case "nv" -> OptionalDouble.of(1e-6);
      case "v", "volt" -> OptionalDouble.of(1e3);
      default -> OptionalDouble.empty();
    };
  }
}
