// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.StudyResult;

/** Everything that is needed to tell what was studied, and to do it again. */
final class SourceSection {
  private final StudyResult result;

  SourceSection(StudyResult result) {
    this.result = result;
  }

  void write(Markup out) {
    Evaluation e = result.evaluation();
    HtmlTable table =
        new HtmlTable("provenance-table", "Data, networks and machine")
            .text("What")
            .text("Value")
            .row("data set", e.dataset())
            .row("fold", e.fold())
            .row("looks at this fold in this study", Integer.toString(result.looks()))
            .row("input leads", names(e.inputs()))
            .row("reconstructed leads", names(e.targets()))
            .row("preprocessing", e.preprocessing())
            .row("sampling rate", Figures.number(e.rate(), e.rate() % 1 == 0 ? 0 : 2) + " Hz")
            .row("window", e.window() + " samples");
    new TreeMap<>(result.provenance()).forEach((name, value) -> table.row(name, value));
    out.add(table.markup());
    out.paragraph(
        "Every evaluation of the study is kept in its folder, in evaluations.jsonl, so that looks"
            + " at a fold can be counted. Each network's recipe and options are in its run's"
            + " config.json.",
        "class",
        "note");
  }

  private static String names(List<Lead> leads) {
    return leads.stream().map(Lead::label).collect(Collectors.joining(", "));
  }
}
