// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A share on the command line: {@code 5%} or {@code 0.05}.
 *
 * @param share 0.05 for 5 %
 */
record Percentage(double share) {
  private static final MathContext DIGITS = new MathContext(3);

  @Override
  public String toString() {
    return BigDecimal.valueOf(100 * share).round(DIGITS).stripTrailingZeros().toPlainString()
        + " %";
  }

  /** Reads a share. */
  static final class Converter implements ITypeConverter<Percentage> {
    @Override
    public Percentage convert(String text) {
      String number = text.strip();
      boolean percent = number.endsWith("%");
      try {
        double value =
            Double.parseDouble(percent ? number.substring(0, number.length() - 1) : number);
        double share = percent ? value / 100 : value;
        if (share > 0 && share < 1) {
          return new Percentage(share);
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'%s' is no share: write 5%% or 0.05".formatted(text));
      }
      throw new TypeConversionException(
          "'%s' is no share between 0 and 100 %%: write 5%% or 0.05".formatted(text));
    }
  }
}
