// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.List;
import org.precordia.report.html.Markup;

/** A chart as it stands on a page: heading, key, drawing, caption. */
public final class ChartFigure {
  private ChartFigure() {}

  /** What a series looks like, and its name. */
  public record Key(int series, String name) {}

  /**
   * A figure. The drawing scrolls where the screen is too narrow for it.
   *
   * @param id unique on the page
   * @param heading short title, above; empty for none
   * @param key series that the drawing does not name itself
   * @param lines whether the key shows lines, or marks
   * @param chart the drawing
   * @param caption what it shows and how to read it; empty for none
   */
  public static Markup of(
      String id, String heading, List<Key> key, boolean lines, Markup chart, String caption) {
    Markup out = new Markup();
    out.open("figure", "class", "chart", "id", id);
    if (!heading.isEmpty()) {
      out.element("h3", heading);
    }
    if (!key.isEmpty()) {
      out.open("ul", "class", "key");
      for (Key entry : key) {
        out.open("li").add(swatch(entry.series, lines)).element("span", entry.name).close();
      }
      out.close();
    }
    String label = heading.isEmpty() ? caption : heading;
    out.open("div", "class", "scroll", "role", "group", "tabindex", "0", "aria-label", label);
    out.add(chart).close();
    if (!caption.isEmpty()) {
      out.open("figcaption").text(caption).close();
    }
    return out.close();
  }

  private static Markup swatch(int series, boolean line) {
    Markup out = new Markup();
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 30 14",
        "aria-hidden",
        "true");
    if (line) {
      out.empty("path", "class", "line c" + series, "d", "M1 7h28");
    } else {
      Canvas.appendMark(out, series, "mark", 15, 7, 5, null);
    }
    return out.close();
  }
}
