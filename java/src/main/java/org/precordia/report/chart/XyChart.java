// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.precordia.report.html.Markup;

/**
 * A chart of lines and points over two axes, linear or logarithmic, with reference lines. Lines are
 * named at their right ends. Series are told apart by colour, and by dashes or form as well.
 *
 * <p>Not thread-safe.
 */
public final class XyChart {
  private static final double TOP = 14;
  private static final double BOTTOM = 48;
  private static final double CHARACTER_WIDTH = 8;
  private static final double NAME_HEIGHT = 12;
  private static final double LINE_HEIGHT = 15;

  private final String id;
  private final String title;
  private final Axis x;
  private final Axis y;
  private double width = 640;
  private double height = 340;
  private final double left;
  private double right = 18;
  private final List<Line> lines = new ArrayList<>();
  private final List<Points> points = new ArrayList<>();

  private record Line(String name, String style, int colour, double[] xs, double[] ys) {}

  private record Points(
      int series,
      String style,
      double size,
      double[] xs,
      double[] ys,
      String[] tips,
      String[] names) {}

  private record EndLabel(String name, int colour, double y) {}

  /**
   * @param id unique on the page
   * @param title what the chart is, for those who do not see it
   */
  public XyChart(String id, String title, Axis x, Axis y) {
    this.id = id;
    this.title = title;
    this.x = x;
    this.y = y;
    this.left = 30 + y.ticks().stream().mapToDouble(t -> Canvas.widthOf(y.text(t))).max().orElse(0);
  }

  /** Another size than 640 by 340. */
  public XyChart size(double wide, double high) {
    width = wide;
    height = high;
    return this;
  }

  /**
   * Adds a line.
   *
   * @param series decides colour and dashes, 0 to 4
   * @param name stands at its right end; empty for none
   */
  public XyChart line(int series, String name, double[] xs, double[] ys) {
    return add(new Line(name, "line c" + series, series, xs, ys));
  }

  /** Adds a reference line in ink, such as a bias or a ceiling. */
  public XyChart reference(String name, boolean dashed, double[] xs, double[] ys) {
    return add(new Line(name, dashed ? "rule dash" : "rule", -1, xs, ys));
  }

  /** Adds a horizontal reference line over the whole width. */
  public XyChart level(String name, boolean dashed, double value) {
    return reference(name, dashed, new double[] {x.low(), x.high()}, new double[] {value, value});
  }

  private XyChart add(Line line) {
    lines.add(line);
    if (!line.name.isEmpty()) {
      right = Math.max(right, Canvas.widthOf(line.name) + 14);
    }
    return this;
  }

  /**
   * Adds points.
   *
   * @param series decides colour and form, 0 to 4
   * @param tips what a pointer tells of each point, or null
   * @param names what stands beside each point where it has room, first ones first, or null
   */
  public XyChart points(int series, double[] xs, double[] ys, String[] tips, String[] names) {
    points.add(new Points(series, "mark", 4.5, xs, ys, tips, names));
    return this;
  }

  /** Adds many points, small and translucent. */
  public XyChart cloud(int series, double[] xs, double[] ys, String[] tips) {
    points.add(new Points(series, "thin", 2.8, xs, ys, tips, null));
    return this;
  }

  /** Adds points that stay in the background. */
  public XyChart backdrop(int series, double[] xs, double[] ys) {
    points.add(new Points(series, "faint", 2.6, xs, ys, null, null));
    return this;
  }

  /**
   * The chart.
   *
   * @param description what it shows, for those who do not see it
   */
  public Markup render(String description) {
    Canvas canvas = new Canvas(id, width, height, title, description);
    drawAxes(canvas);
    for (Line line : lines) {
      drawLine(canvas, line);
    }
    for (Points cloud : points) {
      drawPoints(canvas, cloud);
    }
    drawEndLabels(canvas);
    return canvas.finish();
  }

  private double atX(double value) {
    return left + x.fraction(value) * (width - left - right);
  }

  private double atY(double value) {
    return height - BOTTOM - y.fraction(value) * (height - TOP - BOTTOM);
  }

  private void drawAxes(Canvas canvas) {
    double bottom = height - BOTTOM;
    for (double tick : y.ticks()) {
      String style = !y.log() && tick == 0 && y.low() < 0 ? "zero" : "grid";
      canvas.line(style, left, atY(tick), width - right, atY(tick));
      canvas.text("", "end", left - 8, atY(tick) + 4.5, y.text(tick));
    }
    double lastEnd = Double.NEGATIVE_INFINITY;
    for (double tick : x.ticks()) {
      canvas.line("axis", atX(tick), bottom, atX(tick), bottom + 5);
      String text = x.text(tick);
      double half = Canvas.widthOf(text) / 2;
      if (atX(tick) - half > lastEnd + 4) {
        canvas.text("", "middle", atX(tick), bottom + 19, text);
        lastEnd = atX(tick) + half;
      }
    }
    canvas.line("axis", left, bottom, width - right, bottom);
    canvas.text("strong-text", "middle", (left + width - right) / 2, height - 8, x.label());
    canvas.upwards(14, (TOP + bottom) / 2, y.label());
  }

  private void drawLine(Canvas canvas, Line line) {
    StringBuilder data = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < line.xs.length; i++) {
      double value = line.ys[i];
      if (Double.isFinite(value) && x.holds(line.xs[i])) {
        double clipped = Math.min(Math.max(value, y.low()), y.high());
        data.append(drawing ? 'L' : 'M').append(Canvas.at(atX(line.xs[i]), atY(clipped)));
        drawing = true;
      } else {
        drawing = false;
      }
    }
    if (!data.isEmpty()) {
      canvas.path(line.style, data.toString());
    }
  }

  private void drawPoints(Canvas canvas, Points cloud) {
    for (int i = 0; i < cloud.xs.length; i++) {
      if (x.holds(cloud.xs[i]) && y.holds(cloud.ys[i])) {
        double px = atX(cloud.xs[i]);
        double py = atY(cloud.ys[i]);
        String tip = cloud.tips == null ? null : cloud.tips[i];
        canvas.mark(cloud.series, cloud.style, px, py, cloud.size, tip);
      }
    }
    if (cloud.names != null) {
      drawNames(canvas, cloud);
    }
  }

  /** Names beside points, in their order; one that would run into an earlier one is left out. */
  private void drawNames(Canvas canvas, Points cloud) {
    List<double[]> placed = new ArrayList<>();
    for (int i = 0; i < cloud.xs.length; i++) {
      if (!x.holds(cloud.xs[i]) || !y.holds(cloud.ys[i])) {
        continue;
      }
      double left = atX(cloud.xs[i]) + 7;
      double base = atY(cloud.ys[i]) + 4;
      double right = left + CHARACTER_WIDTH * cloud.names[i].length();
      boolean free =
          placed.stream()
              .noneMatch(
                  other ->
                      left < other[1]
                          && right > other[0]
                          && Math.abs(base - other[2]) < NAME_HEIGHT);
      if (free) {
        placed.add(new double[] {left, right, base});
        canvas.text("halo strong-text", "start", left, base, cloud.names[i]);
      }
    }
  }

  /** Names at the right ends of lines, moved down where they would overlap. */
  private void drawEndLabels(Canvas canvas) {
    List<EndLabel> labels = new ArrayList<>();
    for (Line line : lines) {
      if (!line.name.isEmpty() && line.ys.length > 0) {
        double last = line.ys[line.ys.length - 1];
        double clipped = Math.min(Math.max(last, y.low()), y.high());
        labels.add(new EndLabel(line.name, line.colour, atY(clipped)));
      }
    }
    labels.sort(Comparator.comparingDouble(EndLabel::y));
    double[] at = new double[labels.size()];
    double lowest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < at.length; i++) {
      at[i] = Math.max(labels.get(i).y + 4.5, lowest + LINE_HEIGHT);
      lowest = at[i];
    }
    double highest = height - BOTTOM + 4.5;
    for (int i = at.length - 1; i >= 0 && at[i] > highest; i--) {
      at[i] = highest;
      highest -= LINE_HEIGHT;
    }
    for (int i = 0; i < at.length; i++) {
      EndLabel label = labels.get(i);
      String style = label.colour < 0 ? "strong-text" : "name f" + label.colour;
      canvas.text(style, "start", width - right + 8, at[i], label.name);
    }
  }
}
