// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

/**
 * Builds the data of an SVG path from a trace whose points come from left to right. Coordinates are
 * rounded to 0.01 mm and written relative to the last written point, so errors do not add up.
 * Points that lie within 0.015 mm of the line between their neighbours are left out, far below the
 * width of a pen, which keeps 1000 Hz recordings small.
 */
public final class TracePath {
  private static final double TOLERANCE = 0.03;
  private static final int UNITS = 100;

  private final StringBuilder data = new StringBuilder();

  /** Last written point, in hundredths of a millimetre. */
  private long writtenX;

  private long writtenY;

  private boolean open;
  private boolean command;

  /** Start of the line that is being lengthened, its latest point, and the slopes still allowed. */
  private double anchorX;

  private double anchorY;
  private double lastX;
  private double lastY;
  private boolean pending;
  private double lowest;
  private double highest;

  /** Continues the trace to a point in mm, or begins a piece of it. */
  public void lineTo(double x, double y) {
    if (!open) {
      writtenX = Math.round(x * UNITS);
      writtenY = Math.round(y * UNITS);
      data.append('M');
      append(writtenX, true);
      append(writtenY, false);
      open = true;
      command = false;
      pending = false;
      anchor(x, y);
      return;
    }
    double run = x - anchorX;
    double slope = (y - anchorY) / run;
    if (pending && (slope < lowest || slope > highest)) {
      write(lastX, lastY);
      anchor(lastX, lastY);
      run = x - anchorX;
    }
    lowest = Math.max(lowest, (y - TOLERANCE - anchorY) / run);
    highest = Math.min(highest, (y + TOLERANCE - anchorY) / run);
    lastX = x;
    lastY = y;
    pending = true;
  }

  /** Interrupts the trace; the next point begins a new piece. A single point is drawn as a dot. */
  public void gap() {
    if (!open) {
      return;
    }
    if (pending) {
      write(lastX, lastY);
    } else {
      data.append("h0");
    }
    open = false;
  }

  /** The path data written so far, closed by a gap. */
  public String data() {
    gap();
    return data.toString();
  }

  private void anchor(double x, double y) {
    anchorX = x;
    anchorY = y;
    lowest = Double.NEGATIVE_INFINITY;
    highest = Double.POSITIVE_INFINITY;
  }

  private void write(double x, double y) {
    long nextX = Math.round(x * UNITS);
    long nextY = Math.round(y * UNITS);
    if (!command) {
      data.append('l');
    }
    append(nextX - writtenX, !command);
    append(nextY - writtenY, false);
    command = true;
    writtenX = nextX;
    writtenY = nextY;
  }

  /** Appends hundredths as a decimal without superfluous zeros, set apart where it must be. */
  private void append(long hundredths, boolean first) {
    if (hundredths < 0) {
      data.append('-');
    } else if (!first) {
      data.append(' ');
    }
    long size = Math.abs(hundredths);
    long whole = size / UNITS;
    long fraction = size % UNITS;
    if (whole != 0 || fraction == 0) {
      data.append(whole);
    }
    if (fraction != 0) {
      data.append('.').append(fraction / 10);
      if (fraction % 10 != 0) {
        data.append(fraction % 10);
      }
    }
  }
}
