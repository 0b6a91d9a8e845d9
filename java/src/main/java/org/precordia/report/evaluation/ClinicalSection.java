// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.range;
import static org.precordia.report.html.Figures.signed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.eval.Agreement;
import org.precordia.eval.ClinicalResult;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.TrueBeats;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** Amplitudes, ST levels and QRS durations: errors of all rows, agreement of the model. */
final class ClinicalSection {
  private final ClinicalResult clinical;
  private final ClinicalResult.Row model;

  ClinicalSection(Evaluation evaluation) {
    this.clinical = evaluation.clinical();
    this.model = clinical.model();
  }

  void write(Markup out) {
    TrueBeats.Counts beats = clinical.beats();
    if (beats.measured() == 0) {
      out.paragraph("No record has a beat in lead II that could be measured.");
      return;
    }
    out.paragraph(
        "What would be read from the reconstructed leads? QRS onset, J point and T peak are found"
            + " in the recorded lead II, and recorded and reconstructed leads are measured at the"
            + " same moments, each over its own level in the 40 ms before QRS onset: "
            + Figures.count(beats.measured(), "beat", "beats")
            + ". Of others, %s lay too close to an edge of the record and %s showed no QRS onset."
                .formatted(Figures.count(beats.atEdge()), Figures.count(beats.withoutOnset())));
    rows(out);
    differences(out);
    out.paragraph(shrinkage());
    leads(out);
    new AgreementCharts(model).write(out);
  }

  private void rows(Markup out) {
    List<String> regions = List.copyOf(table(model, Measure.ST60).regions().keySet());
    HtmlTable table =
        new HtmlTable("clinical-rows", "Mean error of a beat, by row")
            .text("Row")
            .figures("R amplitude", "mV")
            .figures("QRS amplitude", "mV")
            .figures("T amplitude", "mV");
    regions.forEach(region -> table.figures("ST60, " + region, "mV"));
    table.figures("ST60 off by > 0.1 mV", "%").figures("QRS duration", "ms");
    for (ClinicalResult.Row row : clinical.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      cells.add(cell(table(row, Measure.R_AMPLITUDE).mean().error(), 1, 3));
      cells.add(cell(table(row, Measure.QRS_AMPLITUDE).mean().error(), 1, 3));
      cells.add(cell(table(row, Measure.T_AMPLITUDE).mean().error(), 1, 3));
      regions.forEach(
          region -> cells.add(cell(table(row, Measure.ST60).regions().get(region).error(), 1, 3)));
      cells.add(cell(table(row, Measure.ST60).mean().large(), 100, 1));
      cells.add(cell(table(row, Measure.QRS_DURATION).mean().error(), 1, 1));
      table.row(cells.toArray(String[]::new));
      if (row == model) {
        table.emphasise();
      }
    }
    table.note(
        "The modulus of the error of a beat, mean over beats, then records, then patients, and over"
            + " leads. QRS amplitude: the largest deflection from QRS onset to J. ST60: the level"
            + " 60 ms after J. Beneath: 95 % interval over patients.");
    table.note(
        "Where a reconstructed lead shows no QRS complex there is no duration, so no error of it:"
            + " row"
            + " %s, %s."
                .formatted(
                    model.name(),
                    Figures.count(
                        table(model, Measure.QRS_DURATION).lost(),
                        "beat of a lead",
                        "beats of a lead")));
    out.add(table.markup());
  }

  private void differences(Markup out) {
    if (Double.isNaN(table(model, Measure.R_AMPLITUDE).mean().error().againstRidge())) {
      return;
    }
    HtmlTable table =
        new HtmlTable("clinical-differences", "Row %s against ridge".formatted(model.name()))
            .text("Measure")
            .figures("Error", "")
            .figures("Difference to ridge", "")
            .figures("95 % interval", "");
    model
        .measures()
        .forEach(
            (measure, t) -> {
              int decimals = measure == Measure.QRS_DURATION ? 1 : 4;
              String name = "%s, %s".formatted(measure.title(), measure.unit());
              table.row(difference(name, t.mean().error(), 1, decimals));
              if (measure.isSt()) {
                table.row(
                    difference(measure.title() + ", % above 0.1 mV", t.mean().large(), 100, 1));
              }
            });
    table.note("Paired, over the same patients; negative: the error is smaller than ridge's.");
    out.add(table.markup());
  }

  private static String[] difference(
      String name, ClinicalResult.Figure figure, double scale, int decimals) {
    Interval interval = figure.againstInterval();
    return new String[] {
      name,
      number(scale * figure.value(), decimals),
      signed(scale * figure.againstRidge(), decimals),
      interval == null
          ? Figures.NONE
          : signed(scale * interval.low(), decimals)
              + " to "
              + signed(scale * interval.high(), decimals)
    };
  }

  /** Regression to the mean in words. */
  private String shrinkage() {
    List<String> parts = new ArrayList<>();
    table(model, Measure.R_AMPLITUDE)
        .agreements()
        .forEach(
            (lead, a) -> {
              if (Double.isFinite(a.slope())) {
                parts.add(
                    "%s %s (spread %s)"
                        .formatted(
                            lead.label(), signed(a.slope(), 2), number(a.deviationRatio(), 2)));
              }
            });
    return parts.isEmpty()
        ? "Too few patients to tell whether amplitudes are drawn to the mean."
        : "Regression to the mean: a method that is unsure answers with what most patients have, so"
            + " tall R waves come out too small and small ones too tall. The slope of the error"
            + " on the recorded R amplitude says by what share of its distance from the mean an"
            + " amplitude is drawn in (0: kept; −1: everybody gets the same), the spread how"
            + " widely reconstructed amplitudes scatter between patients where recorded ones"
            + " scatter by 1: "
            + EvaluationReport.sentence(parts)
            + ".";
  }

  private void leads(Markup out) {
    HtmlTable table =
        new HtmlTable("clinical-leads", "Agreement by lead, row %s".formatted(model.name()))
            .text("Measure and lead")
            .figures("Patients", "")
            .figures("Mean error", "mV")
            .figures("Bias", "mV")
            .figures("Limits of agreement", "mV")
            .figures("Slope", "mV/mV")
            .figures("Spread", "")
            .figures("Off by > 0.1 mV", "%");
    for (Measure measure :
        List.of(Measure.R_AMPLITUDE, Measure.T_AMPLITUDE, Measure.ST60, Measure.ST80)) {
      ClinicalResult.Table t = table(model, measure);
      for (Map.Entry<Lead, Agreement> entry : t.agreements().entrySet()) {
        Agreement a = entry.getValue();
        ClinicalResult.Figures figures = t.leads().get(entry.getKey());
        table.row(
            "%s, %s".formatted(measure.title(), entry.getKey().label()),
            Figures.count(a.patients()),
            number(figures.error().value(), 3),
            signed(a.bias(), 3),
            a.claimable() ? signed(a.low(), 2) + " to " + signed(a.high(), 2) : Figures.NONE,
            signed(a.slope(), 2),
            number(a.deviationRatio(), 2),
            number(100 * figures.large().value(), 1));
      }
    }
    table.note(
        "Bias, limits (bias ± 1.96 standard deviations; from 30 patients on), slope of the"
            + " difference on the recorded value, and spread (deviation of reconstructed over that"
            + " of recorded values): over patients, a pair each.");
    table.note("R is lead II's R peak: in V1 the S wave may be there.");
    out.add(table.markup());
  }

  private static ClinicalResult.Table table(ClinicalResult.Row row, Measure measure) {
    return row.measures().get(measure);
  }

  private static String cell(ClinicalResult.Figure figure, double scale, int decimals) {
    Interval interval = figure.interval();
    return number(scale * figure.value(), decimals)
        + (interval == null
            ? ""
            : "\n" + range(scale * interval.low(), scale * interval.high(), decimals));
  }
}
