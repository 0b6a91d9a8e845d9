// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * PTB-XL (Wagner et al., Scientific Data 2020) in its own layout: {@code ptbxl_database.csv},
 * {@code scp_statements.csv}, {@code records100} and {@code records500}.
 *
 * <p>The superclasses of a record are the diagnostic classes of its statements of any likelihood.
 * Where {@code row_provenance.csv} lies beside the table, rows whose kind is not verbatim are
 * marked so. Rows whose record is not in the copy at hand are left out and counted in {@link
 * #notes}. Ages above 89, which the data set publishes as 300, are kept as 90.
 */
public final class PtbXl implements RecordSource {
  private static final double CENSORED_AGE = 300;
  private static final double OLDEST_AGE = 90;

  private final Path folder;
  private final int rate;
  private final Map<String, String> superclassOf;
  private final List<String> ids = new ArrayList<>();
  private final List<String> files = new ArrayList<>();
  private final List<Subject> subjects = new ArrayList<>();
  private int absent;

  private PtbXl(Path folder, int rate, Map<String, String> superclassOf) {
    this.folder = folder;
    this.rate = rate;
    this.superclassOf = superclassOf;
  }

  /**
   * Reads the tables.
   *
   * @param folder the data set's folder
   * @param rate 100 or 500 Hz
   * @throws DataException when a table is missing or wrong, or none of its records is there
   */
  public static PtbXl open(Path folder, int rate) throws IOException {
    if (rate != 100 && rate != 500) {
      throw new IllegalArgumentException("PTB-XL has 100 and 500 Hz, not " + rate);
    }
    Path table = folder.resolve("ptbxl_database.csv");
    PtbXl source = new PtbXl(folder, rate, statements(folder.resolve("scp_statements.csv")));
    source.load(table, verbatim(folder.resolve("row_provenance.csv")));
    if (source.ids.isEmpty()) {
      throw new DataException(
          table,
          "none of the records at " + rate + " Hz is there",
          "fetch the folder records" + rate + " or choose the other rate");
    }
    return source;
  }

  /** Diagnostic statements and their superclasses. */
  private static Map<String, String> statements(Path file) throws IOException {
    Map<String, String> result = new HashMap<>();
    for (CsvTable.Row row : CsvTable.read(file, "", "diagnostic", "diagnostic_class").rows()) {
      if (row.number("diagnostic") == 1) {
        result.put(row.required(""), row.required("diagnostic_class"));
      }
    }
    return result;
  }

  /** Identifiers of the rows that are as published, or null when all are. */
  private static Set<String> verbatim(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    Set<String> result = new HashSet<>();
    for (CsvTable.Row row : CsvTable.read(file, "ecg_id", "kind").rows()) {
      if (row.required("kind").startsWith("verbatim")) {
        result.add(row.required("ecg_id"));
      }
    }
    return result;
  }

  private void load(Path table, Set<String> verbatim) throws IOException {
    String fileColumn = rate == 100 ? "filename_lr" : "filename_hr";
    List<CsvTable.Row> rows =
        CsvTable.read(
                table, "ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", fileColumn)
            .rows();
    Set<String> seen = new HashSet<>();
    for (CsvTable.Row row : rows) {
      String id = row.required("ecg_id");
      if (!seen.add(id)) {
        throw row.error("ecg_id", id + " occurs twice", "remove one of the two rows");
      }
      Subject subject = subject(row, verbatim == null || verbatim.contains(id));
      String file = row.required(fileColumn);
      Path header =
          FolderPath.inside(folder, file + ".hea")
              .orElseThrow(
                  () ->
                      row.error(
                          fileColumn,
                          "leads outside the folder: " + file,
                          "restore the original cell"));
      if (Files.exists(header)) {
        ids.add(id);
        files.add(file);
        subjects.add(subject);
      } else {
        absent++;
      }
    }
  }

  private Subject subject(CsvTable.Row row, boolean verbatim) throws DataException {
    Map<String, Double> codes;
    try {
      codes = ScpCodes.parse(row.required("scp_codes"));
    } catch (IllegalArgumentException e) {
      throw row.error("scp_codes", e.getMessage(), "restore the original cell");
    }
    Set<String> superclasses = new HashSet<>();
    for (String code : codes.keySet()) {
      String superclass = superclassOf.get(code);
      if (superclass != null) {
        superclasses.add(superclass);
      }
    }
    String patient = row.required("patient_id");
    double published = row.number("age");
    double age = published == CENSORED_AGE ? OLDEST_AGE : published;
    if (!Double.isNaN(age) && !Subject.isAge(age)) {
      throw row.error("age", row.text("age") + " is no age", "restore the original cell");
    }
    return new Subject(
        patient.endsWith(".0") ? patient.substring(0, patient.length() - 2) : patient,
        row.fold("strat_fold"),
        age,
        switch (row.text("sex")) {
          case "0", "0.0" -> Subject.Sex.MALE;
          case "1", "1.0" -> Subject.Sex.FEMALE;
          default -> Subject.Sex.UNKNOWN;
        },
        codes,
        superclasses,
        verbatim);
  }

  @Override
  public String name() {
    return "ptb-xl";
  }

  @Override
  public int size() {
    return ids.size();
  }

  @Override
  public String id(int index) {
    return ids.get(index);
  }

  @Override
  public Subject subject(int index) {
    return subjects.get(index);
  }

  @Override
  public Recording read(int index) throws IOException {
    return Wfdb.read(folder.resolve(files.get(index)));
  }

  @Override
  public boolean isDiagnostic(String code) {
    return superclassOf.containsKey(code);
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("PTB-XL (doi 10.1038/s41597-020-0495-6), CC BY 4.0, records at " + rate + " Hz");
    if (absent > 0) {
      notes.add(absent + " rows of the table have no record at " + rate + " Hz here");
    }
    long altered = subjects.stream().filter(s -> !s.labelsVerbatim()).count();
    if (altered > 0) {
      notes.add(altered + " rows are not verbatim: their likelihoods are unknown");
    }
    return notes;
  }
}
