// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;

/** The table, the comparisons and the learning curve of a study, from an evaluation a seed. */
final class StudySummary {
  /** Rows that others are held against in the table, where the study has them. */
  private static final List<StudyRow> REFERENCES =
      List.of(StudyRow.RIDGE, StudyRow.UNET, StudyRow.NO_H);

  private final Study study;
  private final List<SeedEvaluation> seeds;

  /**
   * @param seeds evaluations of the same windows, in the order of their seeds
   */
  StudySummary(Study study, List<SeedEvaluation> seeds) {
    this.study = study;
    this.seeds = seeds;
  }

  /** The seeds that have a row; for a row that is not trained, the first alone. */
  private List<SeedEvaluation> having(String row) {
    List<SeedEvaluation> having = seeds.stream().filter(seed -> seed.has(row)).toList();
    boolean once =
        study.options().rows().stream().anyMatch(r -> r.id().equals(row) && !r.trained());
    return once && having.size() > 1 ? having.subList(0, 1) : having;
  }

  private List<Evaluation> evaluations(String row) {
    return having(row).stream().map(SeedEvaluation::evaluation).toList();
  }

  private SeedMeans means(StudyRow row) {
    return SeedMeans.of(evaluations(row.id()), row.id());
  }

  /** All rows that are there. */
  List<RowSummary> rows() {
    return study.options().rows().stream().map(this::row).flatMap(Optional::stream).toList();
  }

  private Optional<RowSummary> row(StudyRow row) {
    List<SeedEvaluation> own = having(row.id());
    if (own.isEmpty()) {
      return Optional.empty();
    }
    RowFigures figures = new RowFigures(row.id());
    own.forEach(seed -> seed.addTo(figures, row.id()));
    SeedMeans means = means(row);
    Map<String, RowSummary.Change> against = new LinkedHashMap<>();
    for (StudyRow reference : REFERENCES) {
      if (reference != row && row != StudyRow.MEAN && !having(reference.id()).isEmpty()) {
        against.put(reference.id(), change(row, reference, means));
      }
    }
    return Optional.of(
        new RowSummary(
            row.id(),
            row.what(),
            own.getFirst().evaluation().row(row.id()).parameters(),
            row.trained() ? own.stream().map(SeedEvaluation::seed).toList() : List.of(),
            figures.spreads(),
            means.mean(),
            means.interval(),
            against));
  }

  private RowSummary.Change change(StudyRow row, StudyRow reference, SeedMeans means) {
    List<Double> percent = new ArrayList<>();
    for (SeedEvaluation seed : having(row.trained() ? row.id() : reference.id())) {
      if (seed.has(row.id()) && seed.has(reference.id())) {
        percent.add(100 * (rmse(seed, row.id()) / rmse(seed, reference.id()) - 1));
      }
    }
    return new RowSummary.Change(new Spread(percent), means.against(means(reference)).interval());
  }

  private static double rmse(SeedEvaluation seed, String row) {
    return figure(seed, row, Metric.RMSE_WINDOW);
  }

  private static double figure(SeedEvaluation seed, String row, Metric metric) {
    return seed.evaluation().row(row).mean().values().get(metric);
  }

  /** Rows against their controls and their rivals; one family of tests. */
  List<StudyComparison> comparisons() {
    List<PairedTest.Pairing> pairings = new ArrayList<>();
    for (StudyRow row : study.options().rows()) {
      for (StudyRow against : opponents(row)) {
        for (Metric metric : List.of(Metric.RMSE_WINDOW, Metric.PEARSON)) {
          pairings.add(
              new PairedTest.Pairing(
                  row.id(),
                  against.id(),
                  metric,
                  patients(row, metric),
                  patients(against, metric)));
        }
      }
    }
    List<PairedTest> tests = PairedTest.family(pairings);
    List<StudyComparison> comparisons = new ArrayList<>();
    for (StudyRow row : study.options().rows()) {
      for (StudyRow against : opponents(row)) {
        comparisons.add(
            new StudyComparison(
                row,
                against,
                means(row).against(means(against)),
                tests.stream()
                    .filter(test -> test.row().equals(row.id()))
                    .filter(test -> test.against().equals(against.id()))
                    .toList()));
      }
    }
    return comparisons;
  }

  private double[] patients(StudyRow row, Metric metric) {
    return SeedMeans.patients(evaluations(row.id()), row.id(), metric);
  }

  /** Controls, then rivals of a row that is there, as far as they are. */
  private List<StudyRow> opponents(StudyRow row) {
    List<StudyRow> opponents = new ArrayList<>(row.controls());
    opponents.addAll(row.rivals());
    opponents.removeIf(against -> having(against.id()).isEmpty());
    return having(row.id()).isEmpty() ? List.of() : opponents;
  }

  /** The model on shares of the patients. */
  List<CurvePoint> curve() throws IOException {
    List<CurvePoint> points = new ArrayList<>();
    for (int percent : study.options().curve()) {
      String model = StudyRun.name(StudyRow.MODEL, percent);
      String ridge = StudyRun.name(StudyRow.RIDGE, percent);
      List<SeedEvaluation> own = having(model);
      if (!own.isEmpty()) {
        points.add(
            new CurvePoint(
                percent,
                patients(model),
                spread(own, seed -> rmse(seed, model)),
                spread(own, seed -> rmse(seed, ridge)),
                spread(own, seed -> figure(seed, model, Metric.PEARSON))));
      }
    }
    return points;
  }

  private static Spread spread(
      List<SeedEvaluation> seeds, Function<SeedEvaluation, Double> figure) {
    return new Spread(seeds.stream().map(figure).toList());
  }

  /** Patients that the first complete run of a name learned from. */
  private int patients(String name) throws IOException {
    for (StudyRun run : study.runs()) {
      if (run.name().equals(name) && run.finished()) {
        return run.patients();
      }
    }
    return 0;
  }
}
