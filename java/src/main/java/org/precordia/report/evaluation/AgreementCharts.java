// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.signed;

import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.eval.Agreement;
import org.precordia.eval.ClinicalResult;
import org.precordia.eval.PatientPairs;
import org.precordia.eval.clinical.Measure;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Markup;

/** Bland–Altman plots of R amplitude and ST in the first, the middle and the last target lead. */
final class AgreementCharts {
  private final ClinicalResult.Row row;

  AgreementCharts(ClinicalResult.Row row) {
    this.row = row;
  }

  void write(Markup out) {
    for (Measure measure : List.of(Measure.R_AMPLITUDE, Measure.ST60)) {
      panels(out, measure);
    }
    out.paragraph(
        "Bland–Altman plots: a point is a patient. Solid: the mean difference (bias); dashed:"
            + " limits of agreement, bias ± 1.96 standard deviations, between which about 95 % of"
            + " patients lie. The panels of a measure have the same axes.",
        "class", "note");
  }

  private void panels(Markup out, Measure measure) {
    ClinicalResult.Table table = row.measures().get(measure);
    List<Lead> leads = chosen(List.copyOf(table.pairs().keySet()));
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;
    double apart = 0;
    for (Lead lead : leads) {
      PatientPairs pairs = table.pairs().get(lead);
      for (int i = 0; i < pairs.size(); i++) {
        lowest = Math.min(lowest, pairs.middle(i));
        highest = Math.max(highest, pairs.middle(i));
        apart = Math.max(apart, Math.abs(pairs.difference(i)));
      }
    }
    if (!(highest > lowest) || apart == 0) {
      return;
    }
    out.open("div", "class", "trio");
    for (Lead lead : leads) {
      out.add(
          chart(
              measure,
              lead,
              table.pairs().get(lead),
              Axis.linear("mean of both, mV", lowest, highest),
              Axis.linear("reconstructed − recorded, mV", -apart, apart)));
    }
    out.close();
  }

  private static List<Lead> chosen(List<Lead> leads) {
    return IntStream.of(0, leads.size() / 2, leads.size() - 1)
        .distinct()
        .mapToObj(leads::get)
        .toList();
  }

  private static Markup chart(
      Measure measure, Lead lead, PatientPairs pairs, Axis horizontal, Axis vertical) {
    Agreement agreement = Agreement.of(pairs);
    double[] xs = IntStream.range(0, pairs.size()).mapToDouble(pairs::middle).toArray();
    double[] ys = IntStream.range(0, pairs.size()).mapToDouble(pairs::difference).toArray();
    String id = "agreement-%s-%s".formatted(measure.key(), lead.label());
    String heading = "%s, %s".formatted(measure.title(), lead.label());
    XyChart chart =
        new XyChart(id + "-chart", "Bland–Altman plot: " + heading, horizontal, vertical)
            .size(400, 330)
            .cloud(0, xs, ys, pairs.patients())
            .level(signed(agreement.bias(), 2), false, agreement.bias());
    String limits = "";
    if (agreement.claimable()) {
      chart.level(signed(agreement.high(), 2), true, agreement.high());
      chart.level(signed(agreement.low(), 2), true, agreement.low());
      limits =
          ", limits of agreement %s to %s mV"
              .formatted(signed(agreement.low(), 2), signed(agreement.high(), 2));
    }
    return ChartFigure.of(
        id,
        heading,
        List.of(),
        false,
        chart.render("Bias %s mV%s.".formatted(signed(agreement.bias(), 2), limits)),
        "");
  }
}
