// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.precordia.report.ConsoleTable.number;

import java.util.ArrayList;
import java.util.List;
import org.precordia.eval.ClinicalResult;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.TrueBeats;
import org.precordia.report.ConsoleTable;

/** Clinical measures of all rows as a table for a terminal. */
final class ClinicalText {
  private ClinicalText() {}

  static ConsoleTable of(ClinicalResult clinical) {
    List<String> regions =
        List.copyOf(clinical.model().measures().get(Measure.ST60).regions().keySet());
    List<String> columns =
        new ArrayList<>(List.of("error of a beat", "R [mV]", "QRS [mV]", "T [mV]"));
    regions.forEach(region -> columns.add("ST60 " + region + " [mV]"));
    columns.addAll(List.of("ST > 0.1 mV [%]", "QRS duration [ms]", "R slope", "R spread"));
    ConsoleTable table = ConsoleTable.of(columns.toArray(String[]::new));
    for (ClinicalResult.Row row : clinical.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      for (Measure measure :
          List.of(Measure.R_AMPLITUDE, Measure.QRS_AMPLITUDE, Measure.T_AMPLITUDE)) {
        cells.add(number(row.measures().get(measure).mean().error().value(), 3));
      }
      ClinicalResult.Table st = row.measures().get(Measure.ST60);
      regions.forEach(region -> cells.add(number(st.regions().get(region).error().value(), 3)));
      cells.add(number(100 * st.mean().large().value(), 1));
      cells.add(number(row.measures().get(Measure.QRS_DURATION).mean().error().value(), 1));
      ClinicalResult.Table r = row.measures().get(Measure.R_AMPLITUDE);
      cells.add(number(mean(r.agreements().values().stream().mapToDouble(a -> a.slope())), 2));
      cells.add(
          number(mean(r.agreements().values().stream().mapToDouble(a -> a.deviationRatio())), 2));
      table.row(cells.toArray(String[]::new));
    }
    TrueBeats.Counts beats = clinical.beats();
    table.note(
        "%,d beats of lead II; %,d left out near an edge, %,d without QRS onset; means over beats, records, patients, leads"
            .formatted(beats.measured(), beats.atEdge(), beats.withoutOnset()));
    table.note(
        "R slope: of the error on the recorded R amplitude (0 kept, -1 all alike); R spread:"
            + " deviation of reconstructed over recorded");
    return table;
  }

  private static double mean(java.util.stream.DoubleStream values) {
    return values.average().orElse(Double.NaN);
  }
}
