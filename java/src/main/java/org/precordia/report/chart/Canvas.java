// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.Locale;
import org.precordia.report.html.Markup;

/** An SVG drawing whose colours are the page's: elements carry classes, no styles. */
final class Canvas {
  private final Markup out = new Markup();

  /**
   * @param id unique on the page; title and description derive theirs from it
   * @param title what the drawing is
   * @param description what it shows, for those who do not see it
   */
  Canvas(String id, double width, double height, String title, String description) {
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + number(width) + " " + number(height),
        "role",
        "img",
        "aria-labelledby",
        id + "-t " + id + "-d");
    out.element("title", title, "id", id + "-t");
    out.element("desc", description, "id", id + "-d");
  }

  void line(String style, double x1, double y1, double x2, double y2) {
    out.empty(
        "line",
        "class",
        style,
        "x1",
        number(x1),
        "y1",
        number(y1),
        "x2",
        number(x2),
        "y2",
        number(y2));
  }

  void rectangle(String style, double x, double y, double width, double height) {
    out.empty(
        "rect",
        "class",
        style,
        "x",
        number(x),
        "y",
        number(y),
        "width",
        number(width),
        "height",
        number(height));
  }

  void path(String style, String data) {
    out.empty("path", "class", style, "d", data);
  }

  /** Text; {@code anchor} is start, middle or end. */
  void text(String style, String anchor, double x, double y, String text) {
    out.element(
        "text", text, "class", style, "text-anchor", anchor, "x", number(x), "y", number(y));
  }

  /** Text that runs upwards. */
  void upwards(double x, double y, String text) {
    String turn = "rotate(-90 " + number(x) + " " + number(y) + ")";
    out.element(
        "text", text, "text-anchor", "middle", "x", number(x), "y", number(y), "transform", turn);
  }

  /** A mark; see {@link #appendMark}. */
  void mark(int series, String style, double x, double y, double size, String tip) {
    appendMark(out, series, style, x, y, size, tip);
  }

  /**
   * Appends a mark in the form of a series, so that series differ by more than colour.
   *
   * @param tip what a pointer over it tells, or null
   */
  static void appendMark(
      Markup out, int series, String style, double x, double y, double size, String tip) {
    String classes = style + " f" + series % 5;
    String data = form(series % 5, x, y, size);
    if (tip == null) {
      out.empty("path", "class", classes, "d", data);
    } else {
      out.open("path", "class", classes, "d", data).element("title", tip).closeInline();
    }
  }

  private static String form(int series, double x, double y, double r) {
    return switch (series) {
      case 0 -> disc(x, y, r);
      case 1 -> polygon(x, y, 0.9 * r, -1, -1, 1, -1, 1, 1, -1, 1);
      case 2 -> polygon(x, y, 1.2 * r, 0, -1, 0.95, 0.7, -0.95, 0.7);
      case 3 -> polygon(x, y, 1.3 * r, 0, -1, 1, 0, 0, 1, -1, 0);
      default -> polygon(x, y, 1.2 * r, 0, 1, 0.95, -0.7, -0.95, -0.7);
    };
  }

  Markup finish() {
    return out.close();
  }

  static String at(double x, double y) {
    return number(x) + " " + number(y);
  }

  /** A coordinate with at most one decimal. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /**
   * How wide a text may be in a chart's letters: their font is the reader's, so the widest counts.
   */
  static double widthOf(String text) {
    return 8.3 * text.codePointCount(0, text.length());
  }

  private static String disc(double x, double y, double r) {
    String arc = "a" + number(r) + " " + number(r) + " 0 1 0 ";
    return "M" + at(x - r, y) + arc + number(2 * r) + " 0" + arc + number(-2 * r) + " 0Z";
  }

  private static String polygon(double x, double y, double size, double... corners) {
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      data.append(i == 0 ? 'M' : 'L').append(at(x + size * corners[i], y + size * corners[i + 1]));
    }
    return data.append('Z').toString();
  }
}
