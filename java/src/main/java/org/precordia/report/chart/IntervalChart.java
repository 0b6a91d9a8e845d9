// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.ArrayList;
import java.util.List;
import org.precordia.report.html.Markup;

/**
 * Values with intervals, one below the other, in groups: as bars from a base line, or as marks.
 *
 * <p>Not thread-safe.
 */
public final class IntervalChart {
  private static final double ROW = 22;
  private static final double GROUP_GAP = 12;
  private static final double TOP = 8;
  private static final double BOTTOM = 48;

  private final String id;
  private final String title;
  private final Axis axis;
  private final boolean bars;
  private final double base;
  private final List<Item> items = new ArrayList<>();
  private boolean begins;
  private double width = 640;

  private record Item(
      String label,
      int series,
      double value,
      double low,
      double high,
      String text,
      boolean begins,
      List<Double> dots) {}

  private IntervalChart(String id, String title, Axis axis, boolean bars, double base) {
    this.id = id;
    this.title = title;
    this.axis = axis;
    this.bars = bars;
    this.base = base;
  }

  /** Bars that begin at the axis' low end, with a line at {@code base}, such as a ratio of 1. */
  public static IntervalChart bars(String id, String title, Axis axis, double base) {
    return new IntervalChart(id, title, axis, true, base);
  }

  /** Marks, with a line at {@code base}; NaN for none. */
  public static IntervalChart marks(String id, String title, Axis axis, double base) {
    return new IntervalChart(id, title, axis, false, base);
  }

  /** Another width than 640. */
  public IntervalChart width(double wide) {
    width = wide;
    return this;
  }

  /** The item that comes next begins a group. */
  public IntervalChart group() {
    begins = !items.isEmpty();
    return this;
  }

  /**
   * Adds an item.
   *
   * @param label stands to its left
   * @param series decides colour and form
   * @param low lower bound of the interval, NaN for none
   * @param high upper bound
   * @param text the value in words, to its right
   */
  public IntervalChart item(
      String label, int series, double value, double low, double high, String text) {
    items.add(new Item(label, series, value, low, high, text, begins, new ArrayList<>()));
    begins = false;
    return this;
  }

  /** Small marks on the line of the item added last, such as the values that it is the mean of. */
  public IntervalChart dots(List<Double> values) {
    items.getLast().dots.addAll(values);
    return this;
  }

  /**
   * The chart.
   *
   * @param description what it shows, for those who do not see it
   */
  public Markup render(String description) {
    double left = 16 + items.stream().mapToDouble(i -> Canvas.widthOf(i.label)).max().orElse(0);
    double right = 14 + items.stream().mapToDouble(i -> Canvas.widthOf(i.text)).max().orElse(0);
    double gaps = GROUP_GAP * items.stream().filter(Item::begins).count();
    double bottom = TOP + ROW * items.size() + gaps;
    double span = width - left - right;
    Canvas canvas = new Canvas(id, width, bottom + BOTTOM, title, description);
    double lastEnd = Double.NEGATIVE_INFINITY;
    for (double tick : axis.ticks()) {
      double at = left + axis.fraction(tick) * span;
      canvas.line("grid", at, TOP, at, bottom);
      String text = axis.text(tick);
      double half = Canvas.widthOf(text) / 2;
      if (at - half > lastEnd + 4) {
        canvas.text("", "middle", at, bottom + 18, text);
        lastEnd = at + half;
      }
    }
    canvas.text("strong-text", "middle", left + span / 2, bottom + BOTTOM - 8, axis.label());
    double y = TOP;
    for (Item item : items) {
      y += item.begins ? GROUP_GAP : 0;
      draw(canvas, item, left, span, y + ROW / 2);
      y += ROW;
    }
    if (axis.holds(base)) {
      double at = left + axis.fraction(base) * span;
      canvas.line("rule", at, TOP, at, bottom);
    }
    return canvas.finish();
  }

  private void draw(Canvas canvas, Item item, double left, double span, double y) {
    canvas.text("strong-text", "end", left - 10, y + 4.5, item.label);
    canvas.text("strong-text", "start", left + span + 10, y + 4.5, item.text);
    if (!Double.isFinite(item.value)) {
      return;
    }
    double at = left + clip(item.value) * span;
    if (bars) {
      canvas.rectangle("bar f" + item.series, left, y - 7, Math.max(0.5, at - left), 14);
    }
    if (Double.isFinite(item.low) && Double.isFinite(item.high)) {
      double from = left + clip(item.low) * span;
      double to = left + clip(item.high) * span;
      String style = bars ? "rule" : "line solid c" + item.series;
      canvas.line(style, from, y, to, y);
      canvas.line(style, from, y - 4, from, y + 4);
      canvas.line(style, to, y - 4, to, y + 4);
    }
    for (double dot : item.dots) {
      canvas.mark(item.series, "thin", left + clip(dot) * span, y, 2.8, null);
    }
    if (!bars) {
      canvas.mark(item.series, "mark", at, y, 5, item.label + ": " + item.text);
    }
  }

  private double clip(double value) {
    return Math.min(1, Math.max(0, axis.fraction(value)));
  }
}
