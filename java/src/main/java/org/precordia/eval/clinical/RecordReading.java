// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.clinical;

/**
 * What was measured in one record, a cell for each measure and lead. Cells have means over the
 * beats in which the measure exists in the recorded and in the reconstructed lead.
 */
public final class RecordReading {
  private final Cell[][] cells;

  /**
   * @param beats number of beats
   * @param lost beats that have the measure in the recorded lead alone
   * @param truth mean of the recorded lead
   * @param reconstructed mean of the reconstructed lead
   * @param error mean modulus of reconstructed − recorded, beat by beat
   * @param large share of beats whose error exceeds {@link Measure#LARGE_ST_ERROR}; for ST alone
   */
  public record Cell(
      int beats, int lost, double truth, double reconstructed, double error, double large) {}

  RecordReading(Cell[][] cells) {
    this.cells = cells;
  }

  /** A measure in a lead; its figures are NaN when no beat has it. */
  public Cell cell(Measure measure, int lead) {
    return cells[measure.ordinal()][lead];
  }

  static Cell cell(double[] truth, double[] reconstructed) {
    int beats = 0;
    int lost = 0;
    int large = 0;
    double truths = 0;
    double reconstructions = 0;
    double errors = 0;
    for (int beat = 0; beat < truth.length; beat++) {
      double error = Math.abs(reconstructed[beat] - truth[beat]);
      if (Double.isNaN(error)) {
        lost += Double.isNaN(truth[beat]) ? 0 : 1;
        continue;
      }
      beats++;
      truths += truth[beat];
      reconstructions += reconstructed[beat];
      errors += error;
      large += error > Measure.LARGE_ST_ERROR ? 1 : 0;
    }
    return new Cell(
        beats,
        lost,
        truths / beats,
        reconstructions / beats,
        errors / beats,
        (double) large / beats);
  }
}
