// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The columns of a table of samples: which are leads, in which unit, and which is the time. */
final class CsvColumns {
  /** No lead's name is longer, and matching takes time that grows with its square. */
  private static final int LONGEST_TITLE = 100;

  private static final Pattern BRACKETED = Pattern.compile("(.+?)\\s*[(\\[](.*)[)\\]]");
  private static final Pattern APPENDED =
      Pattern.compile("(.+)[/_ ]([munMUN\u00b5\u03bc]?[vV]|[mu\u00b5\u03bc]?s|sec|seconds|ms)");
  private static final Set<String> TIME = Set.of("t", "time", "elapsed time", "seconds", "sec");

  private final Path file;
  private final int line;
  private final String defaultUnit;
  private final int count;
  private final List<Lead> leads = new ArrayList<>();
  private final List<Integer> leadColumns = new ArrayList<>();
  private final List<Double> scales = new ArrayList<>();
  private final List<String> units = new ArrayList<>();
  private final List<String> passedOver = new ArrayList<>();
  private int timeColumn = -1;
  private double timeScale = 1;

  /**
   * @param line of the header row
   * @param names the header row
   * @param unitRow the row beneath it where that has units, else empty
   * @param defaultUnit of leads that state none, or empty
   * @throws DataException when no column is a lead, a lead occurs twice or its unit is unknown
   */
  CsvColumns(Path file, int line, List<String> names, List<String> unitRow, String defaultUnit)
      throws DataException {
    this.file = file;
    this.line = line;
    this.defaultUnit = defaultUnit;
    this.count = names.size();
    for (int i = 0; i < count; i++) {
      add(i, names.get(i).strip(), i < unitRow.size() ? unitRow.get(i).strip() : "");
    }
    if (leads.isEmpty()) {
      throw new DataException(
          file,
          line,
          "no column is an ECG lead: " + names,
          "name the columns I, II, III, aVR, aVL, aVF, V1 to V6, each with its unit, as in I (mV)");
    }
  }

  int count() {
    return count;
  }

  List<Lead> leads() {
    return leads;
  }

  /** Column of a lead. */
  int column(int lead) {
    return leadColumns.get(lead);
  }

  /** Millivolts per unit of a lead's column. */
  double scale(int lead) {
    return scales.get(lead);
  }

  /** The column of times, or -1. */
  int timeColumn() {
    return timeColumn;
  }

  /** Seconds per unit of the time. */
  double timeScale() {
    return timeScale;
  }

  /** Sentences on units and on columns that are no lead. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("unit " + String.join(", ", units.stream().distinct().toList()));
    if (!passedOver.isEmpty()) {
      notes.add("columns that are no lead were passed over: " + String.join(", ", passedOver));
    }
    return notes;
  }

  private void add(int column, String title, String unitBelow) throws DataException {
    if (title.length() > LONGEST_TITLE) {
      passedOver.add(title.substring(0, LONGEST_TITLE) + "\u2026");
      return;
    }
    String name = title;
    String unit = unitBelow;
    Matcher bracketed = BRACKETED.matcher(title);
    Matcher appended = APPENDED.matcher(title);
    if (bracketed.matches()) {
      name = bracketed.group(1);
      unit = bracketed.group(2);
    } else if (appended.matches()) {
      name = appended.group(1);
      unit = appended.group(2);
    }
    Lead lead = Lead.parse(name).orElse(null);
    if (lead != null) {
      addLead(column, title, lead, unit.isEmpty() ? defaultUnit : unit);
    } else if (timeColumn < 0 && TIME.contains(name.toLowerCase(Locale.ROOT))) {
      timeColumn = column;
      timeScale = secondsPer(unit);
    } else {
      passedOver.add(title);
    }
  }

  private void addLead(int column, String title, Lead lead, String unit) throws DataException {
    if (leads.contains(lead)) {
      throw new DataException(
          file, line, "lead " + lead + " occurs twice", "remove or rename one of the two columns");
    }
    OptionalDouble millivolts = VoltageUnit.millivolts(unit);
    if (millivolts.isEmpty()) {
      throw new DataException(
          file,
          line,
          unit.isEmpty()
              ? "column \"" + title + "\" has no unit"
              : "column \"" + title + "\" has the unit \"" + unit + "\"",
          "write V, mV, uV or nV into the header row, as in I (mV), or give --unit");
    }
    leads.add(lead);
    leadColumns.add(column);
    scales.add(millivolts.getAsDouble());
    units.add(unit);
  }

  private double secondsPer(String unit) throws DataException {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "", "s", "sec", "seconds", "hh:mm:ss.mmm", "mm:ss.mmm" -> 1;
      case "ms" -> 1e-3;
      case "us", "\u00b5s", "\u03bcs" -> 1e-6;
      default ->
          throw new DataException(
              file,
              line,
              "the time has the unit \"" + unit + "\"",
              "write s, ms or us, or remove the column and give --rate");
    };
  }
}
