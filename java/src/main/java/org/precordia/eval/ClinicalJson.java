// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.precordia.eval.clinical.TrueBeats;

/** Clinical measures as JSON; see docs/evaluation.md. */
final class ClinicalJson {
  private ClinicalJson() {}

  static void put(ObjectNode json, ClinicalResult clinical) {
    TrueBeats.Counts beats = clinical.beats();
    json.putObject("beats")
        .put("n_measured", beats.measured())
        .put("n_edge", beats.atEdge())
        .put("n_without_onset", beats.withoutOnset())
        .put("n_without_j", beats.withoutJ())
        .put("n_without_t", beats.withoutT());
    for (ClinicalResult.Row row : clinical.rows()) {
      ObjectNode measures = json.withArray("rows").addObject().put("name", row.name());
      row.measures()
          .forEach(
              (measure, table) ->
                  putTable(
                      measures.putObject(measure.key()).put("unit", measure.unit()),
                      table,
                      measure.isSt()));
    }
  }

  private static void putTable(ObjectNode json, ClinicalResult.Table table, boolean st) {
    json.put("n_lost", table.lost());
    putFigures(json.putObject("mean"), table.mean(), st);
    ObjectNode regions = json.putObject("regions");
    table.regions().forEach((name, figures) -> putFigures(regions.putObject(name), figures, st));
    ObjectNode leads = json.putObject("leads");
    table
        .leads()
        .forEach((lead, figures) -> putFigures(leads.putObject(lead.label()), figures, st));
    putAgreements(leads, table);
  }

  /** Agreement in each lead, beside what stands there. */
  static void putAgreements(ObjectNode json, ClinicalResult.Table table) {
    table
        .agreements()
        .forEach(
            (lead, agreement) ->
                putAgreement(
                    json.withObject("/" + lead.label()),
                    table.pairs().get(lead).records(),
                    agreement));
  }

  private static void putAgreement(ObjectNode json, int records, Agreement a) {
    json.put("n_records", records).put("n_patients", a.patients());
    JsonFigures.number(json, "bias", a.bias());
    JsonFigures.interval(json, "limits", a.claimable() ? new Interval(a.low(), a.high()) : null);
    JsonFigures.number(json, "slope", a.slope());
    JsonFigures.number(json, "deviation_ratio", a.deviationRatio());
  }

  private static void putFigures(ObjectNode json, ClinicalResult.Figures figures, boolean st) {
    json.put("n_patients", figures.patients());
    putFigure(json, "mae", figures.error());
    if (st) {
      putFigure(json, "share_above_0.1mV", figures.large());
    }
  }

  private static void putFigure(ObjectNode json, String key, ClinicalResult.Figure figure) {
    JsonFigures.number(json, key, figure.value());
    JsonFigures.interval(json, key + "_ci", figure.interval());
    JsonFigures.number(json, key + "_against_ridge", figure.againstRidge());
    JsonFigures.interval(json, key + "_against_ridge_ci", figure.againstInterval());
  }
}
