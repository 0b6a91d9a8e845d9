// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Anyone's own WFDB records, listed in a CSV file with a header row:
 *
 * <ul>
 *   <li>{@code record} (required): path below the folder, with or without {@code .hea}
 *   <li>{@code patient}: identifier; without the column each record counts as a patient
 *   <li>{@code fold}: 1 to 10, the same on all records of a patient; without the column folds are
 *       drawn by patient
 *   <li>{@code labels}: codes separated by semicolons, each alone (100 %) or as {@code
 *       CODE:percent}, where 0 means unknown. NORM, MI, STTC, CD and HYP are superclasses too
 *   <li>{@code superclasses}: further superclasses, separated by semicolons
 *   <li>{@code age} in years, {@code sex} as F or M
 * </ul>
 */
public final class OwnTable implements RecordSource {
  private static final int FOLDS = 10;

  private final Path folder;
  private final List<String> records = new ArrayList<>();
  private final List<Subject> subjects = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private OwnTable(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads the table. Records are looked for when they are read.
   *
   * @param folder folder of the records
   * @param table CSV file
   * @param seed for the folds, where the table has none
   * @throws DataException when the table is missing or a cell is wrong; line and column are named
   */
  public static OwnTable open(Path folder, Path table, long seed) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder, "is not a folder", "give the folder of the WFDB records");
    }
    OwnTable source = new OwnTable(folder);
    source.load(CsvTable.read(table, "record"), seed);
    if (source.records.isEmpty()) {
      throw new DataException(table, "lists no records", "add a row for each record");
    }
    return source;
  }

  private void load(CsvTable table, long seed) throws DataException {
    boolean hasFolds = table.has("fold");
    Map<String, Integer> foldOf = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    for (CsvTable.Row row : table.rows()) {
      String record = record(row);
      if (!seen.add(record)) {
        throw row.error("record", "lists " + record + " again", "remove one of the two rows");
      }
      String patient = table.has("patient") ? row.required("patient") : record;
      int fold = hasFolds ? row.fold("fold") : 0;
      Integer other = foldOf.putIfAbsent(patient, fold);
      if (other != null && other != fold) {
        throw row.error(
            "fold",
            "puts patient " + patient + " into fold " + fold + ", an earlier row into " + other,
            "give all records of a patient one fold");
      }
      records.add(record);
      subjects.add(subject(row, patient, fold));
    }
    if (!hasFolds) {
      Map<String, Integer> drawn = drawFolds(foldOf.keySet(), seed);
      subjects.replaceAll(s -> withFold(s, drawn.get(s.patient())));
      notes.add("folds were drawn by patient with seed " + seed);
    }
    if (!table.has("patient")) {
      notes.add("the table names no patients: each record counts as one");
    }
  }

  private String record(CsvTable.Row row) throws DataException {
    String text = row.required("record").replace('\\', '/');
    String record = text.endsWith(".hea") ? text.substring(0, text.length() - 4) : text;
    if (FolderPath.inside(folder, record).isEmpty()) {
      throw row.error("record", "leads outside the folder: " + text, "write a path below it");
    }
    return record;
  }

  private static Subject subject(CsvTable.Row row, String patient, int fold) throws DataException {
    Map<String, Double> codes = new HashMap<>();
    Set<String> superclasses = new HashSet<>();
    for (String entry : split(row.text("labels"))) {
      int colon = entry.lastIndexOf(':');
      String code = (colon < 0 ? entry : entry.substring(0, colon)).strip();
      double likelihood = colon < 0 ? 100 : percent(row, entry.substring(colon + 1).strip());
      codes.put(code, likelihood);
      if (Vocabulary.STANDARD_SUPERCLASSES.contains(code)) {
        superclasses.add(code);
      }
    }
    superclasses.addAll(split(row.text("superclasses")));
    double age = row.number("age");
    if (!Double.isNaN(age) && !Subject.isAge(age)) {
      throw row.error("age", row.text("age") + " is no age", "write years, or leave it empty");
    }
    return new Subject(patient, fold, age, sex(row), codes, superclasses, true);
  }

  private static double percent(CsvTable.Row row, String text) throws DataException {
    double value = Double.NaN;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // Said below, like a number out of range.
      value = Double.NaN;
    }
    if (!(value >= 0 && value <= 100)) {
      throw row.error(
          "labels",
          "has the likelihood \"" + text + "\"",
          "write CODE or CODE:percent, percent from 0 to 100");
    }
    return value;
  }

  private static Subject.Sex sex(CsvTable.Row row) throws DataException {
    return switch (row.text("sex").toLowerCase(Locale.ROOT)) {
      case "f", "female" -> Subject.Sex.FEMALE;
      case "m", "male" -> Subject.Sex.MALE;
      case "", "u", "unknown" -> Subject.Sex.UNKNOWN;
      default ->
          throw row.error(
              "sex", "\"" + row.text("sex") + "\" is not F or M", "correct or empty it");
    };
  }

  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(";")) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return parts;
  }

  /** Shuffles the patients in alphabetical order and deals them out to the folds. */
  private static Map<String, Integer> drawFolds(Collection<String> patients, long seed) {
    List<String> order = new ArrayList<>(new TreeSet<>(patients));
    Collections.shuffle(order, new Random(seed));
    Map<String, Integer> folds = new HashMap<>();
    for (int i = 0; i < order.size(); i++) {
      folds.put(order.get(i), i % FOLDS + 1);
    }
    return folds;
  }

  private static Subject withFold(Subject s, int fold) {
    return new Subject(
        s.patient(), fold, s.age(), s.sex(), s.codes(), s.superclasses(), s.labelsVerbatim());
  }

  @Override
  public String name() {
    return "own";
  }

  @Override
  public int size() {
    return records.size();
  }

  @Override
  public String id(int index) {
    return records.get(index);
  }

  @Override
  public Subject subject(int index) {
    return subjects.get(index);
  }

  @Override
  public Recording read(int index) throws IOException {
    return Wfdb.read(folder.resolve(records.get(index)));
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
