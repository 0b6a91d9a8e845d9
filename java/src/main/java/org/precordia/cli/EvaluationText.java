// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.precordia.report.ConsoleTable.interval;
import static org.precordia.report.ConsoleTable.number;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.precordia.data.Lead;
import org.precordia.eval.DiagnosisResult;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.RowResult;
import org.precordia.eval.embedding.EmbeddingResult;
import org.precordia.eval.embedding.IdentityProbe;
import org.precordia.eval.embedding.SuperclassNeighbours;
import org.precordia.report.ConsoleTable;

/** An evaluation as tables for a terminal. */
final class EvaluationText {
  private EvaluationText() {}

  static String of(Evaluation evaluation) {
    boolean unicode = Charset.defaultCharset().newEncoder().canEncode('–');
    return "\n"
        + rows(evaluation).render(unicode)
        + "\n"
        + leads(evaluation).render(unicode)
        + "\n"
        + ClinicalText.of(evaluation.clinical()).render(unicode)
        + (evaluation.diagnosis() == null
            ? ""
            : "\n" + diagnosis(evaluation.diagnosis()).render(unicode))
        + evaluation.embedding().map(e -> "\n" + embedding(e).render(unicode)).orElse("")
        + (evaluation.tests().isEmpty() ? "" : "\n" + tests(evaluation).render(unicode));
  }

  private static ConsoleTable embedding(EmbeddingResult e) {
    ConsoleTable table =
        ConsoleTable.of(
            "description of a record", "kNN@5", "95 %", "chance", "identity AUC", "95 %");
    for (String name :
        List.of(EmbeddingResult.H, EmbeddingResult.LOG_RMS, EmbeddingResult.INPUT_BEAT)) {
      SuperclassNeighbours knn = e.neighbours().get(name);
      IdentityProbe identity = e.identity().get(name);
      if (knn != null || identity != null) {
        table.row(
            name,
            number(knn == null ? Double.NaN : knn.accuracy(), 3),
            range(knn == null ? null : knn.interval(), 3),
            number(knn == null ? Double.NaN : 1.0 / knn.classes(), 3),
            number(identity == null ? Double.NaN : identity.aucWithin(), 3),
            range(identity == null ? null : identity.aucWithinInterval(), 3));
      }
    }
    return table.note(
        "kNN@5: balanced accuracy of superclasses; identity: other records of a patient against"
            + " other patients with the same superclasses, all folds");
  }

  private static ConsoleTable rows(Evaluation e) {
    ConsoleTable table =
        ConsoleTable.of(
            "row",
            "parameters",
            "RMSE/window [mV]",
            "95 %",
            "pooled [mV]",
            "MAE [mV]",
            "Pearson",
            "95 %",
            "5th pct",
            "R²",
            "RMSE to ridge [%]",
            "95 %");
    for (RowResult row : e.rows()) {
      RowResult.Figures f = row.mean();
      RowResult.Comparison c = row.againstRidge();
      table.row(
          row.name(),
          String.format(Locale.ROOT, "%,d", row.parameters()),
          number(f.values().get(Metric.RMSE_WINDOW), 4),
          range(f.intervals().get(Metric.RMSE_WINDOW), 4),
          number(f.values().get(Metric.RMSE_POOLED), 4),
          number(f.values().get(Metric.MAE), 4),
          number(f.values().get(Metric.PEARSON), 3),
          range(f.intervals().get(Metric.PEARSON), 3),
          number(f.pearson5(), 3),
          number(f.values().get(Metric.R2), 3),
          c == null ? number(Double.NaN, 1) : number(c.rmsePercent(), 1),
          c == null ? number(Double.NaN, 1) : range(c.rmseInterval(), 1));
    }
    table.note(
        "%s, fold %s: %d patients, %,d windows of %d samples, %d left out (invalid or flat)"
            .formatted(e.dataset(), e.fold(), e.patients(), e.windows(), e.window(), e.excluded()));
    table.note(
        "%s -> %s at %s Hz, preprocessing %s; means over leads, then windows; intervals over patients"
            .formatted(e.inputs(), e.targets(), number(e.rate(), 0), e.preprocessing()));
    if (e.rows().getFirst().mean().intervals().isEmpty()) {
      table.note("fewer than 30 patients: no intervals, and no claim rests on these figures");
    }
    return table;
  }

  /** The last row, the model, lead by lead. */
  private static ConsoleTable leads(Evaluation e) {
    RowResult model = e.rows().getLast();
    ConsoleTable table =
        ConsoleTable.of(
            Stream.concat(Stream.of(model.name()), e.targets().stream().map(Lead::label))
                .toArray(String[]::new));
    for (Metric metric : Metric.values()) {
      table.row(
          Stream.concat(
                  Stream.of(metric.title() + (metric.millivolt() ? " [mV]" : "")),
                  model.leads().values().stream()
                      .map(f -> number(f.values().get(metric), metric.millivolt() ? 4 : 3)))
              .toArray(String[]::new));
    }
    return table;
  }

  /** The model against every other row, patient by patient. */
  private static ConsoleTable tests(Evaluation e) {
    ConsoleTable table =
        ConsoleTable.of("row", "against", "figure", "patients", "difference", "p", "p (Holm)");
    for (PairedTest test : e.tests()) {
      table.row(
          test.row(),
          test.against(),
          test.metric().title() + (test.metric().millivolt() ? " [mV]" : ""),
          Integer.toString(test.patients()),
          number(test.difference(), 4),
          probability(test.p()),
          probability(test.holm()));
    }
    table.note(
        "Wilcoxon's signed-rank test on means of patients; difference of Hodges and Lehmann; no p"
            + " below 30 patients");
    return table;
  }

  /** What a classifier makes of recorded leads, and of those that each row completes. */
  private static ConsoleTable diagnosis(DiagnosisResult d) {
    List<String> columns = new ArrayList<>(List.of("leads from", "macro AUC", "95 %", "kept [%]"));
    columns.addAll(List.of("macro F1", "95 %", "kept [%]"));
    d.classes().forEach(name -> columns.add("AUC " + name));
    ConsoleTable table = ConsoleTable.of(columns.toArray(String[]::new));
    diagnosis(table, "recorded", d.original());
    d.rows().forEach((row, scores) -> diagnosis(table, row, scores));
    table.note(
        "%d records of %d patients with a superclass (%d without left out); thresholds of F1: %s"
            .formatted(d.records(), d.patients(), d.unlabelled(), d.thresholdsFrom()));
    table.note("AUC kept: of its excess over 1/2; F1 kept: of its value on recorded leads");
    return table;
  }

  private static void diagnosis(ConsoleTable table, String name, DiagnosisResult.Scores s) {
    List<String> cells = new ArrayList<>();
    cells.add(name);
    cells.add(number(s.macroAuc().value(), 3));
    cells.add(range(s.macroAuc().interval(), 3));
    cells.add(number(s.aucKept().value(), 1));
    cells.add(number(s.macroF1().value(), 3));
    cells.add(range(s.macroF1().interval(), 3));
    cells.add(number(s.f1Kept().value(), 1));
    s.auc().forEach(figure -> cells.add(number(figure.value(), 3)));
    table.row(cells.toArray(String[]::new));
  }

  static String probability(double p) {
    return p < 1e-4 ? "<0.0001" : number(p, 4);
  }

  private static String range(Interval interval, int decimals) {
    return interval == null
        ? number(Double.NaN, decimals)
        : interval(interval.low(), interval.high(), decimals);
  }
}
