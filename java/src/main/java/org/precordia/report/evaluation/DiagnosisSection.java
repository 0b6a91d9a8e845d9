// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.precordia.eval.DiagnosisResult;
import org.precordia.eval.DiagnosisResult.Figure;
import org.precordia.eval.DiagnosisResult.Scores;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** What a frozen classifier makes of recorded leads, and of leads that each row completes. */
final class DiagnosisSection {
  private static final String RECORDED = "recorded";

  /** Colour and form of the recorded leads, which no row has. */
  private static final int RECORDED_SERIES = 4;

  private static final int DECIMALS = 3;

  private final DiagnosisResult d;

  DiagnosisSection(DiagnosisResult diagnosis) {
    this.d = diagnosis;
  }

  void write(Markup out) {
    out.paragraph(
        ("A classifier of the five diagnostic superclasses was trained on recorded leads and then"
                + " frozen. It reads %s of %s: with all leads as recorded, and with those missing"
                + " from the inputs filled in by each row.")
            .formatted(
                Figures.count(d.records(), "record", "records"),
                Figures.count(d.patients(), "patient", "patients")));
    out.add(chart()).add(overall()).add(classes());
  }

  private Markup chart() {
    IntervalChart chart =
        IntervalChart.marks(
            "diagnosis-chart",
            "Macro AUC, with 95 % intervals",
            Axis.linear("Macro AUC (chance: 0.5)", lowest(), 1),
            d.original().macroAuc().value());
    item(chart, RECORDED, RECORDED_SERIES, d.original());
    chart.group();
    d.rows().forEach((row, scores) -> item(chart, row, RowTables.series(row), scores));
    return ChartFigure.of(
        "diagnosis-figure",
        "",
        List.of(),
        false,
        chart.render("Means over classes; the table beneath has the figures."),
        "Mean over classes with its 95 % interval over patients; the line is at the recorded"
            + " leads.");
  }

  private double lowest() {
    double low = 0.5;
    for (Scores scores : d.rows().values()) {
      low = Math.min(low, low(scores.macroAuc()));
    }
    return low;
  }

  private static double low(Figure figure) {
    double bound = figure.interval() == null ? figure.value() : figure.interval().low();
    return Double.isNaN(bound) ? 0.5 : bound;
  }

  private static void item(IntervalChart chart, String name, int series, Scores scores) {
    Figure auc = scores.macroAuc();
    boolean bounded = auc.interval() != null;
    chart.item(
        name,
        series,
        auc.value(),
        bounded ? auc.interval().low() : Double.NaN,
        bounded ? auc.interval().high() : Double.NaN,
        number(auc.value(), DECIMALS));
  }

  private Markup overall() {
    HtmlTable table =
        new HtmlTable("diagnosis-table", "Diagnosis kept, means over classes")
            .text("Missing leads from")
            .figures("AUC", "")
            .figures("kept", "%")
            .figures("F1", "")
            .figures("kept", "%");
    overall(table, RECORDED, d.original());
    d.rows().forEach((row, scores) -> overall(table, row, scores));
    table.note(
        "AUC: area under the ROC curve; kept is its excess over ½, in percent of that on recorded"
            + " leads. F1 at a threshold for each class, chosen for the largest F1 on recorded"
            + " leads"
            + " of other patients (%s); kept is its value in percent of that on recorded leads."
                .formatted(d.thresholdsFrom()));
    table.note(
        "Records without a superclass are left out: %s.".formatted(Figures.count(d.unlabelled())));
    if (d.patients() < 30) {
      table.note("Fewer than 30 patients: no intervals, and no claim rests on these figures.");
    }
    return table.markup();
  }

  private static void overall(HtmlTable table, String name, Scores s) {
    table.row(
        name,
        figure(s.macroAuc(), DECIMALS),
        figure(s.aucKept(), 1),
        figure(s.macroF1(), DECIMALS),
        figure(s.f1Kept(), 1));
  }

  private Markup classes() {
    HtmlTable table =
        new HtmlTable("diagnosis-classes", "AUC and F1 by class").text("Missing leads from");
    for (int k = 0; k < d.classes().size(); k++) {
      String name = d.classes().get(k);
      table.figures(name, "AUC, n = " + d.members().get(k)).figures(name, "F1");
    }
    classes(table, RECORDED, d.original());
    for (Map.Entry<String, Scores> row : d.rows().entrySet()) {
      classes(table, row.getKey(), row.getValue());
    }
    return table.markup();
  }

  private static void classes(HtmlTable table, String name, Scores scores) {
    List<String> cells = new ArrayList<>(List.of(name));
    for (int k = 0; k < scores.auc().size(); k++) {
      cells.add(figure(scores.auc().get(k), DECIMALS));
      cells.add(figure(scores.f1().get(k), DECIMALS));
    }
    table.row(cells.toArray(String[]::new));
  }

  private static String figure(Figure figure, int decimals) {
    String text = number(figure.value(), decimals);
    return figure.interval() == null
        ? text
        : text + "\n" + Figures.range(figure.interval().low(), figure.interval().high(), decimals);
  }
}
