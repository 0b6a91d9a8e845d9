// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/** The sequence sets of an HL7 aECG's first series with leads, and the recording they make. */
final class AecgSeries {
  private static final String REMEDY = "export the file again";

  private final Path file;
  private final List<SequenceSet> sets = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean done;
  private SequenceSet set;
  private String code = "";
  private final Map<String, Map<String, String>> values = new HashMap<>();
  private float[] digits;

  /** One stretch of time; every lead has the same number of samples. */
  private static final class SequenceSet {
    private final Map<Lead, float[]> rows = new EnumMap<>(Lead.class);
    private double increment;
    private Optional<LocalDateTime> absolute = Optional.empty();
    private double relative;

    int length() {
      return rows.values().iterator().next().length;
    }
  }

  AecgSeries(Path file) {
    this.file = file;
  }

  /** An element within a sequence set, or the set itself, begins. */
  void start(String element, Map<String, String> attributes) {
    if (done) {
      return;
    }
    switch (element) {
      case "sequenceSet" -> set = new SequenceSet();
      case "sequence" -> {
        code = "";
        values.clear();
        digits = null;
      }
      case "code" -> code = code.isEmpty() ? attributes.getOrDefault("code", "") : code;
      case "head", "increment", "origin", "scale" -> values.put(element, Map.copyOf(attributes));
      default -> {
        // Wrappers such as component and value.
        return;
      }
    }
  }

  /** An element within a sequence set, or the set itself, ends. */
  void end(String element, String text, int line) throws DataException {
    if (done) {
      return;
    }
    switch (element) {
      case "digits" -> digits = parse(text, line);
      case "sequence" -> endSequence(line);
      case "sequenceSet" -> endSet(line);
      default -> {
        // Nothing to do.
        return;
      }
    }
  }

  /** A series ends; the first one with leads is the recording. */
  void endSeries() {
    done = !sets.isEmpty();
  }

  /** When the recording begins. */
  Optional<LocalDateTime> start() {
    return sets.isEmpty() ? Optional.empty() : sets.getFirst().absolute;
  }

  private void endSequence(int line) throws DataException {
    if (code.startsWith("TIME_")) {
      set.increment = seconds("increment", line);
      if (code.equals("TIME_ABSOLUTE")) {
        set.absolute = Hl7Time.parse(value("head", "value"));
      } else {
        set.relative = values.containsKey("head") ? seconds("head", line) : 0;
      }
      return;
    }
    Lead lead = Lead.parse(code).orElse(null);
    if (lead == null || digits == null) {
      return;
    }
    String unit = value("scale", "unit");
    double millivolts =
        VoltageUnit.millivolts(unit)
            .orElseThrow(
                () -> error(line, "lead " + lead + " has the unit \"" + unit + "\", no voltage"));
    double scale = number("scale", line) * millivolts;
    double origin = values.containsKey("origin") ? number("origin", line) * originUnit(line) : 0;
    for (int t = 0; t < digits.length; t++) {
      if (!possible(digits[t], scale, origin)) {
        throw error(line, "lead " + lead + " has a sample beyond all bounds");
      }
      digits[t] = (float) (digits[t] * scale + origin);
    }
    if (set.rows.putIfAbsent(lead, digits) != null) {
      throw error(line, "lead " + lead + " occurs twice in a sequence set");
    }
    notes.add("unit " + unit);
  }

  /** Whether a digit is a sample; one that is NaN is missing. */
  private static boolean possible(float digit, double scale, double origin) {
    return Float.isNaN(digit) || Amplitude.possible(digit * scale + origin);
  }

  private double originUnit(int line) throws DataException {
    String unit = value("origin", "unit");
    return VoltageUnit.millivolts(unit.isEmpty() ? value("scale", "unit") : unit)
        .orElseThrow(() -> error(line, "an origin has the unit \"" + unit + "\", no voltage"));
  }

  private void endSet(int line) throws DataException {
    if (set.rows.isEmpty()) {
      return;
    }
    if (!(set.increment > 0)) {
      throw error(line, "a sequence set has no increment of time");
    }
    for (Map.Entry<Lead, float[]> row : set.rows.entrySet()) {
      if (row.getValue().length != set.length()) {
        throw error(
            line,
            "lead %s has %d samples, others of its sequence set %d"
                .formatted(row.getKey(), row.getValue().length, set.length()));
      }
    }
    if (!sets.isEmpty() && set.increment != sets.getFirst().increment) {
      throw error(line, "sequence sets are sampled at different rates");
    }
    sets.add(set);
  }

  private float[] parse(String text, int line) throws DataException {
    FloatList list = new FloatList();
    StringTokenizer tokens = new StringTokenizer(text);
    while (tokens.hasMoreTokens()) {
      String token = tokens.nextToken();
      try {
        // A device may write NaN for a sample it lacks.
        list.add(Float.parseFloat(token));
      } catch (NumberFormatException e) {
        throw new DataException(
            file, line, "the digits hold \"" + token + "\", which is no number", REMEDY, e);
      }
    }
    if (list.size() == 0) {
      throw error(line, "a sequence has no digits");
    }
    return list.toArray();
  }

  /**
   * Puts the sets together.
   *
   * @throws DataException when there is none, or they overlap
   */
  Recording recording(Patient patient) throws IOException {
    if (sets.isEmpty()) {
      throw error(0, "has no series with ECG leads");
    }
    Strips strips = new Strips(file, rate());
    for (SequenceSet each : sets) {
      strips.add(offset(each), each.rows);
    }
    return strips.recording(
        new Origin("HL7 aECG", start(), Optional.of(patient), notes.stream().distinct().toList()));
  }

  /** A rate whose period has few digits, such as 0.002 s, is meant to be the round number. */
  private double rate() throws DataException {
    double rate = 1 / sets.getFirst().increment;
    if (Double.isInfinite(rate)) {
      throw error(0, "the increment of time is " + sets.getFirst().increment + " s");
    }
    double round = Math.rint(rate * 1000) / 1000;
    return Math.abs(round - rate) < 1e-9 * rate ? round : rate;
  }

  private double offset(SequenceSet other) {
    SequenceSet first = sets.getFirst();
    if (first.absolute.isPresent() && other.absolute.isPresent()) {
      Duration between = Duration.between(first.absolute.get(), other.absolute.get());
      return between.getSeconds() + between.getNano() * 1e-9;
    }
    return other.relative - first.relative;
  }

  private double seconds(String element, int line) throws DataException {
    String unit = value(element, "unit");
    double perUnit =
        switch (unit) {
          case "s" -> 1;
          case "ms" -> 1e-3;
          case "us" -> 1e-6;
          default -> throw error(line, "the " + element + " of time has the unit \"" + unit + "\"");
        };
    return number(element, line) * perUnit;
  }

  private double number(String element, int line) throws DataException {
    String text = value(element, "value");
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new DataException(
          file, line, "the " + element + " \"" + text + "\" is not a number", REMEDY, e);
    }
    throw error(line, "the " + element + " is " + text);
  }

  private String value(String element, String attribute) {
    return values.getOrDefault(element, Map.of()).getOrDefault(attribute, "");
  }

  private DataException error(int line, String problem) {
    return new DataException(file, line, problem, REMEDY);
  }
}
