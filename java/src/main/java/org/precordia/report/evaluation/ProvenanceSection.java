// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.Map;
import java.util.TreeMap;
import org.precordia.eval.Evaluation;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** Everything that is needed to tell what was evaluated, and to do it again. */
final class ProvenanceSection {
  private static final String RECIPE = "recipe";

  private final EvaluationReport report;

  ProvenanceSection(EvaluationReport report) {
    this.report = report;
  }

  void write(Markup out) {
    Evaluation e = report.evaluation();
    HtmlTable table =
        new HtmlTable("provenance-table", "Data, model and machine")
            .text("What")
            .text("Value")
            .row("data set", e.dataset())
            .row("selection", report.foldName())
            .row("input leads", EvaluationReport.list(e.inputs()))
            .row("reconstructed leads", EvaluationReport.list(e.targets()))
            .row("preprocessing", e.preprocessing())
            .row("sampling rate", Figures.number(e.rate(), e.rate() % 1 == 0 ? 0 : 2) + " Hz")
            .row("window", e.window() + " samples")
            .row("training folds", report.run().folds().toString())
            .row("training data", report.run().fingerprint())
            .row("seed", Long.toString(report.run().seed()));
    Map<String, String> sorted = new TreeMap<>(e.provenance());
    String recipe = sorted.remove(RECIPE);
    sorted.remove("seed");
    sorted.forEach((name, value) -> table.row(NAMES.getOrDefault(name, name), value));
    out.add(table.markup());
    if (recipe != null) {
      out.open("details").element("summary", "The training recipe, as the model file holds it");
      out.element("pre", recipe).close();
    }
    out.paragraph(
        "Every evaluation of a run is kept in its folder, in evaluations.jsonl, so that looks at"
            + " fold 10 can be counted.",
        "class",
        "note");
  }

  private static final Map<String, String> NAMES =
      Map.of(
          "data", "evaluated data (fingerprint)",
          "date", "date of the evaluation",
          "model", "model (SHA-256)",
          "native", "native library",
          "version", "program that trained");
}
