// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.RecordResult;
import org.precordia.report.html.Markup;

/** Single records on ECG paper: recorded and reconstructed leads and their difference. */
final class RecordSection {
  private final Evaluation e;
  private final List<Exemplar> exemplars;

  RecordSection(Evaluation evaluation, List<Exemplar> exemplars) {
    this.e = evaluation;
    this.exemplars = exemplars;
  }

  void write(Markup out) {
    out.paragraph(
        "Of %s records, ranked by the model's error: the best, the one in the middle, and the worst. Each"
                .formatted(e.records().size())
            + " lead is drawn at 25 mm/s and 10 mm/mV; a large square is 0.2 s by 0.5 mV. The"
            + " signals are"
            + " as the network sees them, after preprocessing (%s), at %s Hz."
                .formatted(e.preprocessing(), number(e.rate(), 0))
            + " Where a record begins and ends the network lacks context.");
    out.open("ul", "class", "key");
    key(out, "true", "recorded");
    key(out, "made", "reconstructed, the broad line");
    key(out, "diff", "difference, reconstructed − recorded, at the same gain");
    out.close();
    for (int i = 0; i < exemplars.size(); i++) {
      draw(out, "ecg" + i, exemplars.get(i));
    }
  }

  /** A line of a drawing's key. */
  static void key(Markup out, String style, String name) {
    out.open("li", "class", "paper-key");
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 4 2",
        "aria-hidden",
        "true",
        "class",
        "paper-swatch");
    out.empty("path", "class", style, "d", "M.2 1h3.6").close();
    out.element("span", name).close();
  }

  private void draw(Markup out, String id, Exemplar exemplar) {
    RecordResult record = exemplar.record();
    RecordResult.Scores model = record.rows().get(EvaluationRow.MODEL);
    String heading = "%s: %s".formatted(exemplar.role(), record.id());
    out.open("article", "class", "ecg", "aria-labelledby", id + "-h");
    out.element("h3", heading, "id", id + "-h");
    out.paragraph(description(record, model));
    controls(out, id, exemplar);
    out.open(
        "div",
        "class",
        "paper",
        "role",
        "group",
        "tabindex",
        "0",
        "aria-label",
        heading + ", electrocardiogram");
    for (Map.Entry<Lead, Exemplar.Signal> entry : exemplar.signals().entrySet()) {
      lead(out, id + "-" + entry.getKey().label(), record, entry.getKey(), entry.getValue());
    }
    out.close().close();
  }

  private static String description(RecordResult record, RecordResult.Scores model) {
    RecordResult.Scores ridge = record.rows().get(EvaluationRow.RIDGE);
    return "Patient %s, %s. RMSE %s mV%s, Pearson %s."
        .formatted(
            record.patient(),
            record.superclasses().isEmpty()
                ? "no superclass"
                : EvaluationReport.sentence(record.superclasses()),
            number(model.rmse(), 3),
            ridge == null ? "" : " (ridge " + number(ridge.rmse(), 3) + " mV)",
            number(model.pearson(), 3));
  }

  private void controls(Markup out, String id, Exemplar exemplar) {
    out.open("div", "class", "controls", "hidden", "hidden");
    out.open("span", "class", "zoom", "role", "group", "aria-label", "Zoom");
    zoom(out, "out", "−", "Zoom out");
    out.element("output", "100 %", "aria-live", "polite");
    zoom(out, "in", "+", "Zoom in");
    zoom(out, "reset", "100 %", "Original size");
    out.close();
    out.open("fieldset").element("legend", "Leads");
    exemplar
        .signals()
        .forEach(
            (lead, signal) ->
                box(
                    out,
                    id + "-show-" + lead.label(),
                    lead.label(),
                    lead.label() + (signal.reconstructed() == null ? " (input)" : ""),
                    signal.reconstructed() != null));
    out.close();
    out.open("fieldset").element("legend", "Lines");
    box(out, id + "-show-reconstruction", "reconstruction", "reconstructed", true);
    box(out, id + "-show-difference", "difference", "difference", true);
    out.close().close();
  }

  private static void zoom(Markup out, String action, String text, String label) {
    out.element("button", text, "type", "button", "data-zoom", action, "aria-label", label);
  }

  private static void box(Markup out, String id, String part, String label, boolean checked) {
    out.open("label", "for", id);
    out.empty(
        "input",
        "type",
        "checkbox",
        "id",
        id,
        "data-shows",
        part,
        "checked",
        checked ? "checked" : null);
    out.text(label).close();
  }

  private void lead(Markup out, String id, RecordResult record, Lead lead, Exemplar.Signal signal) {
    boolean made = signal.reconstructed() != null;
    String about =
        made
            ? "reconstructed, RMSE %s mV"
                .formatted(number(record.rows().get(EvaluationRow.MODEL).leads().get(lead), 3))
            : "recorded, an input";
    out.open("div", "class", "lead", "data-part", lead.label());
    out.open("h4").text(lead.label() + " ").element("span", about).close();
    out.add(
        EcgComparison.draw(
            id,
            "Lead %s of record %s".formatted(lead.label(), record.id()),
            "%s s on ECG paper, %s.".formatted(number(signal.truth().length / e.rate(), 1), about),
            e.rate(),
            signal.truth(),
            signal.reconstructed()));
    out.close();
  }
}
