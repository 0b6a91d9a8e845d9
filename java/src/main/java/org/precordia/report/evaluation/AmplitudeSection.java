// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.signed;

import java.util.List;
import org.precordia.data.Lead;
import org.precordia.eval.Agreement;
import org.precordia.eval.Evaluation;
import org.precordia.eval.RecordResult;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** Agreement of amplitudes at the R peak (Bland–Altman), and regression to the mean. */
final class AmplitudeSection {
  private static final int FEWEST = 30;

  private final Evaluation e;

  AmplitudeSection(Evaluation evaluation) {
    this.e = evaluation;
  }

  void write(Markup out) {
    List<RecordResult> read =
        e.records().stream().filter(record -> !record.amplitudes().isEmpty()).toList();
    if (read.isEmpty()) {
      out.paragraph("No record has an R peak in lead II at which amplitudes could be read.");
      return;
    }
    out.paragraph(
        "How well is the height of the QRS complex kept? At each R peak of lead II the level of a"
            + " lead is read, minus its mean level from 100 to 60 ms before, and averaged over the"
            + " record's beats:"
            + " %s of %s."
                .formatted(
                    Figures.count(
                        read.stream().mapToInt(RecordResult::beats).sum(), "beat", "beats"),
                    Figures.count(read.size(), "record", "records")));
    charts(out, read);
    table(out);
  }

  private void charts(Markup out, List<RecordResult> read) {
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;
    double apart = 0;
    for (RecordResult record : read) {
      for (RecordResult.Amplitude a : record.amplitudes().values()) {
        lowest = Math.min(lowest, middle(a));
        highest = Math.max(highest, middle(a));
        apart = Math.max(apart, Math.abs(a.difference()));
      }
    }
    out.open("div", "class", "trio");
    for (Agreement agreement : e.agreements()) {
      out.add(
          chart(
              agreement,
              read,
              Axis.linear("mean of both, mV", lowest, highest),
              Axis.linear("reconstructed − recorded, mV", -apart, apart)));
    }
    out.close();
    out.paragraph(
        "A point is a record. Solid: the mean difference (bias); dashed: limits of agreement, bias"
            + " ± 1.96 standard deviations, between which about 95 % of records lie. All panels"
            + " have the same axes.",
        "class", "note");
  }

  private static Markup chart(
      Agreement agreement, List<RecordResult> read, Axis horizontal, Axis vertical) {
    Lead lead = agreement.lead();
    double[] xs = read.stream().mapToDouble(r -> middle(r.amplitudes().get(lead))).toArray();
    double[] ys = read.stream().mapToDouble(r -> r.amplitudes().get(lead).difference()).toArray();
    String[] tips = read.stream().map(RecordResult::id).toArray(String[]::new);
    String id = "agreement-" + lead.label();
    XyChart chart =
        new XyChart(
                id + "-chart", "Bland–Altman plot of lead " + lead.label(), horizontal, vertical)
            .size(400, 330)
            .cloud(0, xs, ys, tips)
            .level(signed(agreement.bias(), 2), false, agreement.bias());
    String limits = "";
    if (agreement.records() >= FEWEST) {
      chart.level(signed(agreement.high(), 2), true, agreement.high());
      chart.level(signed(agreement.low(), 2), true, agreement.low());
      limits =
          ", limits of agreement %s to %s mV"
              .formatted(signed(agreement.low(), 2), signed(agreement.high(), 2));
    }
    return ChartFigure.of(
        id,
        lead.label(),
        List.of(),
        false,
        chart.render("Bias %s mV%s.".formatted(signed(agreement.bias(), 2), limits)),
        "");
  }

  private void table(Markup out) {
    HtmlTable table =
        new HtmlTable("amplitude-table", "Agreement of amplitudes, and regression to the mean")
            .text("Lead")
            .figures("Records", "")
            .figures("Bias", "mV")
            .figures("Limits of agreement", "mV")
            .figures("Slope", "mV/mV")
            .figures("Ratio of deviations", "");
    for (Agreement a : e.agreements()) {
      table.row(
          a.lead().label(),
          Figures.count(a.records()),
          signed(a.bias(), 3),
          a.records() < FEWEST ? Figures.NONE : signed(a.low(), 2) + " to " + signed(a.high(), 2),
          signed(a.slope(), 2),
          number(a.deviationRatio(), 2));
    }
    table.note(
        "Slope: of the difference on the recorded amplitude; 0 where amplitudes are kept, −1 where"
            + " every record gets the same. Ratio of deviations: spread of reconstructed over that"
            + " of recorded amplitudes; below 1 they are drawn to the mean.");
    table.note(
        "The peak is lead II's, so in V1 it may meet the S wave. With fewer than 30 records there"
            + " are no limits.");
    out.add(table.markup());
  }

  private static double middle(RecordResult.Amplitude a) {
    return 0.5 * (a.truth() + a.reconstructed());
  }
}
