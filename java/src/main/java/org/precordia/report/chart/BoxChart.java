// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.precordia.report.html.Markup;

/**
 * Distributions side by side, in groups: every value as a point, a box from the lower to the upper
 * quartile, a line at the median, whiskers from the 5th to the 95th percentile.
 *
 * <p>Not thread-safe.
 */
public final class BoxChart {
  private static final double TOP = 14;
  private static final double BOTTOM = 34;
  private static final double LEFT = 66;
  private static final double HEIGHT = 360;
  private static final double WIDTH = 640;

  private final String id;
  private final String title;
  private final Axis axis;
  private final List<String> groups = new ArrayList<>();
  private final List<List<Box>> boxes = new ArrayList<>();

  private record Box(int series, double[] sorted) {}

  /**
   * @param id unique on the page
   * @param title what the chart is, for those who do not see it
   */
  public BoxChart(String id, String title, Axis axis) {
    this.id = id;
    this.title = title;
    this.axis = axis;
  }

  /** Begins a group under a name. */
  public BoxChart group(String name) {
    groups.add(name);
    boxes.add(new ArrayList<>());
    return this;
  }

  /** Adds a distribution to the group begun last; values that are not finite are left out. */
  public BoxChart box(int series, double[] values) {
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    boxes.getLast().add(new Box(series, sorted));
    return this;
  }

  /**
   * The chart.
   *
   * @param description what it shows, for those who do not see it
   */
  public Markup render(String description) {
    Canvas canvas = new Canvas(id, WIDTH, HEIGHT, title, description);
    for (double tick : axis.ticks()) {
      canvas.line("grid", LEFT, at(tick), WIDTH, at(tick));
      canvas.text("", "end", LEFT - 8, at(tick) + 4.5, axis.text(tick));
    }
    canvas.upwards(14, (TOP + HEIGHT - BOTTOM) / 2, axis.label());
    double room = (WIDTH - LEFT) / groups.size();
    for (int g = 0; g < groups.size(); g++) {
      double middle = LEFT + (g + 0.5) * room;
      canvas.text("name strong-text", "middle", middle, HEIGHT - 12, groups.get(g));
      List<Box> group = boxes.get(g);
      double share = Math.min(64, room / (group.size() + 0.6));
      for (int b = 0; b < group.size(); b++) {
        draw(canvas, group.get(b), middle + (b - (group.size() - 1) / 2.0) * share, share * 0.62);
      }
    }
    return canvas.finish();
  }

  private void draw(Canvas canvas, Box box, double x, double width) {
    if (box.sorted.length == 0) {
      return;
    }
    double quarter = width / 4;
    for (int i = 0; i < box.sorted.length; i++) {
      if (axis.holds(box.sorted[i])) {
        // Spread evenly by the golden ratio: the picture is the same every time.
        double spread = (i * 0.6180339887 % 1 - 0.5) * width * 0.9;
        canvas.mark(box.series, "thin", x + spread, at(box.sorted[i]), 1.8, null);
      }
    }
    double low = at(quantile(box.sorted, 0.25));
    double high = at(quantile(box.sorted, 0.75));
    String line = "line solid c" + box.series;
    canvas.rectangle(
        "box c" + box.series + " f" + box.series, x - width / 2, high, width, low - high);
    double median = at(quantile(box.sorted, 0.5));
    canvas.line("rule", x - width / 2, median, x + width / 2, median);
    for (double[] end : new double[][] {{0.05, low}, {0.95, high}}) {
      double to = at(quantile(box.sorted, end[0]));
      canvas.line(line, x, end[1], x, to);
      canvas.line(line, x - quarter, to, x + quarter, to);
    }
  }

  private double at(double value) {
    double fraction = Math.min(1, Math.max(0, axis.fraction(value)));
    return HEIGHT - BOTTOM - fraction * (HEIGHT - TOP - BOTTOM);
  }

  /** Linear interpolation between order statistics; NaN of none. */
  public static double quantile(double[] sorted, double fraction) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
