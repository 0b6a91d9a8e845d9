// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.precordia.eval.DiagnosisResult;

/**
 * A few figures of every row that has them, beneath those that they are to be read against.
 *
 * @param id unique among the tables of a study
 * @param title what it shows
 * @param columns the figures
 * @param references lines that are no rows, such as chance
 * @param lines the rows
 * @param notes what the figures are
 */
public record MeasureTable(
    String id,
    String title,
    List<Column> columns,
    List<Line> references,
    List<Line> lines,
    List<String> notes) {

  /**
   * A figure.
   *
   * @param name heading
   * @param unit its unit; empty for none
   * @param decimals how it is printed
   * @param factor from the unit of the place to that of the column
   * @param place in the JSON of an evaluation; where a part of it is *, the mean over all there
   */
  public record Column(String name, String unit, int decimals, double factor, String place) {
    private Column(String name, String unit, int decimals, String place) {
      this(name, unit, decimals, 1, place);
    }
  }

  /** A figure a column, under a name. */
  public record Line(String name, List<Spread> figures) {}

  /** The table of clinical measures. */
  public static final String CLINICAL_ID = "clinical";

  /** The table of the diagnosis kept. */
  public static final String DIAGNOSIS_ID = "diagnosis";

  /** The table of what h holds. */
  public static final String EMBEDDING_ID = "embedding";

  /** The line of guessing. */
  public static final String CHANCE = "chance";

  /** The line of what amplitudes tell. */
  public static final String LOG_RMS = "log-RMS of the inputs";

  private static final String PATIENTS = "; after ± the standard deviation over seeds";

  private static final List<Column> CLINICAL =
      List.of(
          new Column("R amplitude", "MAE, mV", 4, "clinical/r_amplitude/mean/mae"),
          new Column("R slope", "mean over leads", 2, "clinical/r_amplitude/leads/*/slope"),
          new Column("ST at J + 60 ms", "MAE, mV", 4, "clinical/st60/mean/mae"),
          new Column(
              "ST error above 0.1 mV",
              "% of beats",
              1,
              100,
              "clinical/st60/mean/share_above_0.1mV"),
          new Column("QRS duration", "MAE, ms", 1, "clinical/qrs_duration/mean/mae"));

  private static final List<Column> DIAGNOSIS =
      List.of(
          new Column("macro AUC", "", 3, "diagnosis/macro_auc"),
          new Column("AUC kept", "%", 1, "diagnosis/auc_kept_percent"),
          new Column("macro F1", "", 3, "diagnosis/macro_f1"),
          new Column("F1 kept", "%", 1, "diagnosis/f1_kept_percent"));

  private static final List<Column> EMBEDDING =
      List.of(
          new Column("kNN@5", "balanced accuracy", 3, "embedding/knn5_balanced_accuracy/h"),
          new Column("cosine gap", "superclasses", 3, "embedding/cosine_gap/h superclass/gap"),
          new Column("patient, top-1", "", 3, "embedding/patient_identity/h/top1"),
          new Column(
              "patient, AUC",
              "same diagnosis",
              3,
              "embedding/patient_identity/h/auc_same_superclasses"));

  public MeasureTable {
    columns = List.copyOf(columns);
    references = List.copyOf(references);
    lines = List.copyOf(lines);
    notes = List.copyOf(notes);
  }

  /** The tables that the study has figures for. */
  public static List<MeasureTable> of(StudyResult result) {
    return List.of(clinical(result), diagnosis(result), embedding(result)).stream()
        .filter(table -> !table.lines.isEmpty())
        .toList();
  }

  private static MeasureTable clinical(StudyResult result) {
    return new MeasureTable(
        CLINICAL_ID,
        "Clinical measures",
        CLINICAL,
        List.of(),
        lines(result, CLINICAL),
        List.of(
            "MAE: mean over beats, records, then patients, mean over leads" + PATIENTS,
            "R slope: of the difference on the recorded value; 0: kept, −1: all patients alike"));
  }

  private static MeasureTable diagnosis(StudyResult result) {
    DiagnosisResult found = result.evaluation().diagnosis();
    List<Line> recorded = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    if (found != null) {
      recorded.add(
          line(
              "recorded",
              found.original().macroAuc().value(),
              found.original().aucKept().value(),
              found.original().macroF1().value(),
              found.original().f1Kept().value()));
      notes.add(
          "%d records of %d patients; thresholds from %s%s"
              .formatted(found.records(), found.patients(), found.thresholdsFrom(), PATIENTS));
      notes.add(
          "kept: of AUC its excess over ½, of F1 its value, in percent of that on recorded"
              + " leads; no test is made of differences here");
    }
    return new MeasureTable(
        DIAGNOSIS_ID, "Diagnosis kept", DIAGNOSIS, recorded, lines(result, DIAGNOSIS), notes);
  }

  private static MeasureTable embedding(StudyResult result) {
    List<Line> lines = lines(result, EMBEDDING);
    List<Line> references = new ArrayList<>();
    for (RowSummary row : result.rows()) {
      if (references.isEmpty() && row.figures().containsKey(EMBEDDING.getFirst().place)) {
        references.add(
            line(
                CHANCE,
                first(row, "embedding/knn5_balanced_accuracy/chance"),
                0,
                first(row, "embedding/patient_identity/h/top1_chance"),
                0.5));
        references.add(
            line(
                LOG_RMS,
                first(row, "embedding/knn5_balanced_accuracy/log-RMS"),
                Double.NaN,
                first(row, "embedding/patient_identity/log-RMS/top1"),
                first(row, "embedding/patient_identity/log-RMS/auc_same_superclasses")));
      }
    }
    return new MeasureTable(
        EMBEDDING_ID,
        "What h holds",
        EMBEDDING,
        references,
        lines,
        List.of(
            "kNN@5: superclass of a record from its five nearest of folds 1 to 8" + PATIENTS,
            "cosine gap: pairs of records that share a superclass against those that do not",
            "patient: other records of the same patient found by h, a nuisance it should lose;"
                + " AUC among records of the same superclasses"));
  }

  /** What no seed changes. */
  private static double first(RowSummary row, String place) {
    List<Double> values = row.figure(place).values();
    return values.isEmpty() ? Double.NaN : values.getFirst();
  }

  private static Line line(String name, double... figures) {
    return new Line(
        name,
        Arrays.stream(figures)
            .mapToObj(value -> new Spread(Double.isNaN(value) ? List.of() : List.of(value)))
            .toList());
  }

  /** The rows that have one of the figures. */
  private static List<Line> lines(StudyResult result, List<Column> columns) {
    return result.rows().stream()
        .map(row -> new Line(row.name(), columns.stream().map(c -> figure(row, c)).toList()))
        .filter(line -> line.figures.stream().anyMatch(spread -> !spread.values().isEmpty()))
        .toList();
  }

  private static Spread figure(RowSummary row, Column column) {
    String pattern = column.place.replace("*", "[^/]+");
    List<List<Double>> found =
        row.figures().entrySet().stream()
            .filter(entry -> entry.getKey().matches(pattern))
            .map(entry -> entry.getValue().values())
            .toList();
    int seeds = found.stream().mapToInt(List::size).min().orElse(0);
    List<Double> values = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      int at = seed;
      double sum = found.stream().mapToDouble(list -> list.get(at)).sum();
      values.add(column.factor * sum / found.size());
    }
    return new Spread(values);
  }
}
