// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A table for the terminal: the first column to the left, all others to the right, units in a line
 * of their own beneath the names, columns as wide as their widest entry. Columns whose entries are
 * written by {@link #number} with equal decimals line up on the decimal point.
 *
 * <p>Not thread-safe.
 */
public final class ConsoleTable {
  private static final String GAP = "  ";

  /** What a missing number is shown as. */
  private static final String NOTHING = "–";

  private final List<String> names;
  private final List<String> units;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private ConsoleTable(List<String> names, List<String> units) {
    this.names = names;
    this.units = units;
  }

  /**
   * A table with these columns.
   *
   * @param columns name, followed by the unit in square brackets where there is one: {@code "RMSE
   *     [mV]"}
   */
  public static ConsoleTable of(String... columns) {
    if (columns.length == 0) {
      throw new IllegalArgumentException("a table needs at least one column");
    }
    List<String> names = new ArrayList<>();
    List<String> units = new ArrayList<>();
    for (String column : columns) {
      int bracket = column.endsWith("]") ? column.lastIndexOf('[') : -1;
      names.add(bracket < 0 ? column : column.substring(0, bracket).strip());
      units.add(bracket < 0 ? "" : column.substring(bracket));
    }
    return new ConsoleTable(names, units);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException when it has not one cell a column
   */
  public ConsoleTable row(String... cells) {
    if (cells.length != names.size()) {
      throw new IllegalArgumentException(
          "the table has " + names.size() + " columns, the row " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Adds a line between rows. */
  public ConsoleTable rule() {
    rows.add(List.of());
    return this;
  }

  /** Adds a line beneath the table: unit, filter, split, definition, number of patients. */
  public ConsoleTable note(String line) {
    notes.add(line);
    return this;
  }

  /** A number with fixed decimals and a point, whatever the locale; NaN as a dash. */
  public static String number(double value, int decimals) {
    return Double.isNaN(value) ? NOTHING : String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** An interval in square brackets, or a dash when a bound is NaN. */
  public static String interval(double low, double high, int decimals) {
    return Double.isNaN(low) || Double.isNaN(high)
        ? NOTHING
        : "[" + number(low, decimals) + ", " + number(high, decimals) + "]";
  }

  /**
   * The table as text, each line ended by a line feed, without blanks at the ends of lines.
   *
   * @param unicode false where the terminal shows ASCII alone: lines are drawn with hyphens, and
   *     dashes, plus-minus, micro, multiplication and comparison signs are spelled in ASCII
   */
  public String render(boolean unicode) {
    int[] widths = new int[names.size()];
    List<List<String>> all =
        Stream.concat(Stream.of(names, units), rows.stream())
            .map(row -> row.stream().map(cell -> unicode ? cell : ascii(cell)).toList())
            .toList();
    for (List<String> row : all) {
      for (int column = 0; column < row.size(); column++) {
        widths[column] = Math.max(widths[column], width(row.get(column)));
      }
    }
    int total = GAP.length() * (widths.length - 1);
    for (int width : widths) {
      total += width;
    }
    String rule = (unicode ? "─" : "-").repeat(total) + "\n";
    StringBuilder text = new StringBuilder();
    append(text, all.get(0), widths);
    if (units.stream().anyMatch(unit -> !unit.isEmpty())) {
      append(text, all.get(1), widths);
    }
    text.append(rule);
    for (List<String> row : all.subList(2, all.size())) {
      if (row.isEmpty()) {
        text.append(rule);
      } else {
        append(text, row, widths);
      }
    }
    for (String line : notes) {
      text.append(unicode ? line : ascii(line)).append('\n');
    }
    return text.toString();
  }

  private static void append(StringBuilder text, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String blanks = " ".repeat(widths[column] - width(cell));
      line.append(column == 0 ? cell + blanks : GAP + blanks + cell);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  /** Cells that a text takes on a terminal: marks that combine with the letter before take none. */
  private static int width(String text) {
    return (int)
        text.codePoints()
            .filter(point -> Character.getType(point) != Character.NON_SPACING_MARK)
            .count();
  }

  private static String ascii(String text) {
    StringBuilder ascii = new StringBuilder();
    text.codePoints()
        .forEach(
            point ->
                ascii.append(
                    switch (point) {
                      case '–', '—', '−' -> "-";
                      case '±' -> "+/-";
                      case 'µ', 'μ' -> "u";
                      case '×', '·' -> "x";
                      case '≤' -> "<=";
                      case '≥' -> ">=";
                      case '²' -> "^2";
                      case '½' -> "1/2";
                      case '→' -> "->";
                      default -> point < 0x80 ? Character.toString(point) : "?";
                    }));
    return ascii.toString();
  }
}
