// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Recording;

/**
 * Which stretch of which lead lies where on the paper. Rows stand as far apart as their traces
 * need, with baselines on the grid's 5 mm lines, so that amplitudes can be read off the grid.
 */
final class PaperLayout {
  private static final double LEAST_EXTENT = 6;
  private static final double MOST_EXTENT = 40;
  private static final double ABOVE_FIRST = 5;
  private static final double BETWEEN = 3;

  /** Drawn before each row: the calibration pulse, mm. */
  static final double PULSE = 8;

  /**
   * One line of a cell.
   *
   * @param style class of the line in the drawing's style sheet
   * @param signal samples in mV
   * @param rate sampling rate in Hz
   * @param from first sample drawn
   * @param to end of the samples drawn
   * @param median level that is drawn on the baseline, in mV
   */
  record Curve(String style, float[] signal, double rate, int from, int to, double median) {}

  /**
   * A lead's place in a row.
   *
   * @param lead the lead
   * @param x left edge in mm from the grid's left edge
   * @param start time at the left edge in seconds of the recording
   * @param curves lines from the lowest to the uppermost
   */
  record Cell(Lead lead, double x, double start, List<Curve> curves) {}

  /**
   * One row.
   *
   * @param cells its leads from left to right
   * @param baseline in mm from the grid's upper edge
   */
  record Row(List<Cell> cells, double baseline) {}

  private final Recording recording;
  private final EcgPaperOptions options;
  private final int from;
  private final int to;
  private final List<Row> rows = new ArrayList<>();
  private double needed = ABOVE_FIRST;

  PaperLayout(Recording recording, EcgPaperOptions options) {
    this.recording = recording;
    this.options = options;
    if (recording.leads().isEmpty() || recording.length() == 0) {
      throw new IllegalArgumentException(recording.name() + ": nothing to draw, it has no samples");
    }
    double rate = recording.rate();
    if (Math.round(options.start() * rate) >= recording.length()) {
      throw new IllegalArgumentException(
          recording.name()
              + ": the drawing starts at "
              + options.start()
              + " s, but the recording ends at "
              + recording.seconds()
              + " s; choose an earlier start");
    }
    from = (int) Math.round(options.start() * rate);
    to =
        (int)
            Math.min(recording.length(), from + Math.max(1, Math.round(options.seconds() * rate)));
    arrange();
  }

  List<Row> rows() {
    return rows;
  }

  /** First moment drawn, in seconds. */
  double start() {
    return from / recording.rate();
  }

  /** End of what is drawn, in seconds. */
  double end() {
    return to / recording.rate();
  }

  /** Width of pulse and traces in mm. */
  double width() {
    return PULSE + (end() - start()) * EcgPaper.SPEED;
  }

  /** Height of all rows in mm, a multiple of 5. */
  double height() {
    return 5 * Math.ceil(needed / 5);
  }

  private void arrange() {
    EcgPaperOptions.Layout layout = options.layout();
    List<Lead> leads = recording.leads().stream().sorted().toList();
    if (leads.size() > layout.rows() * layout.columns()) {
      throw new IllegalArgumentException(
          recording.name()
              + ": "
              + leads.size()
              + " leads do not fit "
              + layout.rows()
              + " rows of "
              + layout.columns()
              + "; choose a larger layout");
    }
    for (int row = 0; row < layout.rows(); row++) {
      List<Cell> cells = new ArrayList<>();
      for (int column = 0; column < layout.columns(); column++) {
        int lead = column * layout.rows() + row;
        if (lead < leads.size()) {
          cells.add(cell(leads.get(lead), column, layout.columns()));
        }
      }
      if (!cells.isEmpty()) {
        addRow(cells);
      }
    }
    for (Lead lead : layout.rhythm()) {
      if (recording.has(lead)) {
        addRow(List.of(cell(lead, 0, 1)));
      }
    }
  }

  /** The lead's share of the strip: columns show successive stretches of time, as recorders do. */
  private Cell cell(Lead lead, int column, int columns) {
    long samples = to - from;
    int first = from + (int) (samples * column / columns);
    int end = from + (int) (samples * (column + 1) / columns);
    double rate = recording.rate();
    boolean reconstructed = options.reconstructed().contains(lead);
    List<Curve> curves = new ArrayList<>();
    if (reconstructed) {
      options
          .reference()
          .filter(truth -> truth.has(lead))
          .ifPresent(truth -> curves.add(curve("t", truth, lead, first / rate, end / rate)));
    }
    curves.add(curve(reconstructed ? "r" : "m", recording, lead, first / rate, end / rate));
    return new Cell(lead, PULSE + (first - from) / rate * EcgPaper.SPEED, first / rate, curves);
  }

  private Curve curve(String style, Recording source, Lead lead, double begin, double finish) {
    float[] signal = source.signal(lead);
    double median = median(signal, sample(source, start()), sample(source, end()));
    return new Curve(
        style, signal, source.rate(), sample(source, begin), sample(source, finish), median);
  }

  /** The first sample not before a moment; a hair's breadth of rounding does not count. */
  private static int sample(Recording source, double seconds) {
    return (int) Math.min(source.length(), Math.ceil(seconds * source.rate() - 1e-6));
  }

  private void addRow(List<Cell> cells) {
    double above = LEAST_EXTENT;
    double below = LEAST_EXTENT;
    for (Cell cell : cells) {
      for (Curve curve : cell.curves) {
        for (int t = curve.from; t < curve.to; t++) {
          double height = (curve.signal[t] - curve.median) * EcgPaper.GAIN;
          if (Double.isFinite(height)) {
            above = Math.max(above, height);
            below = Math.max(below, -height);
          }
        }
      }
    }
    // The pulse needs its 10 mm as well.
    double room = Math.max(Math.min(above, MOST_EXTENT), EcgPaper.GAIN);
    double baseline = 5 * Math.ceil((needed + room) / 5);
    needed = baseline + Math.min(below, MOST_EXTENT) + BETWEEN;
    rows.add(new Row(cells, baseline));
  }

  /** Median of the finite samples, 0 when there are none. */
  private static double median(float[] signal, int from, int to) {
    float[] finite = new float[Math.max(0, to - from)];
    int count = 0;
    for (int t = from; t < to; t++) {
      if (Float.isFinite(signal[t])) {
        finite[count++] = signal[t];
      }
    }
    if (count == 0) {
      return 0;
    }
    Arrays.sort(finite, 0, count);
    return 0.5 * (finite[(count - 1) / 2] + finite[count / 2]);
  }
}
