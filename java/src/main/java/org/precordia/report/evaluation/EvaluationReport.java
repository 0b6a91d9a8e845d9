// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.List;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.GroupKind;
import org.precordia.eval.RowResult;
import org.precordia.report.html.Page;
import org.precordia.train.RunHistory;

/**
 * An evaluation as one self-contained page: words for a cardiologist first, then the tables and
 * charts that a reviewer wants, and where everything comes from.
 *
 * @param evaluation the figures
 * @param exemplars records that are drawn
 * @param run how the model was trained
 * @param control how the row without pathology branch was trained, where it was
 */
public record EvaluationReport(
    Evaluation evaluation, List<Exemplar> exemplars, RunHistory run, Optional<RunHistory> control) {

  /** The page. */
  public String render() {
    Evaluation e = evaluation;
    Page page =
        new Page(
            "Evaluation report",
            "Leads %s reconstructed from %s".formatted(list(e.targets()), list(e.inputs())),
            "%s, %s. %s patients.".formatted(e.dataset(), foldName(), e.patients()),
            "Research software. Not a medical device, not for diagnosis.");
    new SummarySection(this).write(page.section("summary", "What was found"));
    RowTables tables = new RowTables(e);
    tables.rows(page.section("rows", "All figures"));
    tables.leads(page.section("leads", "Error by lead"));
    new TestSection(e).write(page.section("tests", "Tests"));
    new GroupSection(e, GroupKind.SUPERCLASS)
        .write(page.section("superclasses", "Error by diagnosis"));
    new GroupSection(e, GroupKind.SEX).write(page.section("sexes", "Error by sex"));
    new GroupSection(e, GroupKind.AGE).write(page.section("ages", "Error by age"));
    if (e.diagnosis() != null) {
      new DiagnosisSection(e.diagnosis()).write(page.section("diagnosis", "Diagnosis kept"));
    }
    new RecordSection(e, exemplars).write(page.section("records", "Records, drawn"));
    new ClinicalSection(e).write(page.section("clinical", "Clinical measures"));
    e.embedding()
        .ifPresent(
            embedding ->
                new EmbeddingSection(embedding, foldName())
                    .write(page.section("embedding", "What the embedding holds")));
    if (!e.interpretations().isEmpty()) {
      new InterpretationSection(e.interpretations(), exemplars)
          .write(page.section("interpretation", "What it depended on"));
    }
    new TrainingSection(run, control).write(page.section("training", "Training"));
    new ProvenanceSection(this).write(page.section("provenance", "Where it comes from"));
    return page.render();
  }

  String foldName() {
    return evaluation.fold().equals("all") ? "all folds" : "fold " + evaluation.fold();
  }

  /** Whether patients that are evaluated were trained on. */
  boolean trainedOn() {
    boolean same = run.fingerprint().equals(evaluation.provenance().get("data"));
    return same
        && (evaluation.fold().equals("all")
            || run.folds().stream().anyMatch(f -> evaluation.fold().equals(f.toString())));
  }

  /** Whether the data are others than those that were trained on. */
  boolean foreign() {
    return !run.fingerprint().equals(evaluation.provenance().get("data"));
  }

  static Optional<RowResult> row(List<RowResult> rows, String name) {
    return rows.stream().filter(row -> row.name().equals(name)).findFirst();
  }

  /** Those of some rows that the evaluation has. */
  static List<String> present(Evaluation e, String... names) {
    return List.of(names).stream().filter(name -> row(e.rows(), name).isPresent()).toList();
  }

  static RowResult model(List<RowResult> rows) {
    return row(rows, EvaluationRow.MODEL).orElse(rows.getLast());
  }

  /** Leads as a sentence names them. */
  static String list(List<Lead> leads) {
    return sentence(leads.stream().map(Lead::label).toList());
  }

  /** Names as a sentence has them: V1, V3 and V4. */
  static String sentence(List<String> names) {
    return names.size() < 2
        ? String.join("", names)
        : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
  }
}
