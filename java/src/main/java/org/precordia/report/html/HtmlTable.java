// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * A table with a caption, a header for each column and each row, figures to the right. Wide ones
 * scroll inside a group that the keyboard reaches.
 *
 * <p>Not thread-safe.
 */
public final class HtmlTable {
  private final String id;
  private final String caption;
  private final List<Column> columns = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int emphasised = -1;

  private record Column(String name, String unit, boolean figures) {}

  /**
   * @param id unique on the page
   * @param caption what the table shows
   */
  public HtmlTable(String id, String caption) {
    this.id = id;
    this.caption = caption;
  }

  /** A column of text. */
  public HtmlTable text(String name) {
    columns.add(new Column(name, "", false));
    return this;
  }

  /** A column of figures. */
  public HtmlTable figures(String name, String unit) {
    columns.add(new Column(name, unit, true));
    return this;
  }

  /**
   * Adds a row; its first cell is the row's header. What follows a line feed in a cell stands
   * smaller beneath, such as an interval.
   */
  public HtmlTable row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "the table has " + columns.size() + " columns, the row " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  /** Sets the row added last in bold. */
  public HtmlTable emphasise() {
    emphasised = rows.size() - 1;
    return this;
  }

  /** Adds a line beneath the table. */
  public HtmlTable note(String line) {
    notes.add(line);
    return this;
  }

  /** The table. */
  public Markup markup() {
    Markup out = new Markup();
    out.open("figure", "class", "table");
    out.open(
        "div", "class", "scroll", "role", "group", "tabindex", "0", "aria-labelledby", id + "-c");
    out.open("table", "id", id);
    out.open("caption", "id", id + "-c").text(caption).close();
    out.open("thead").open("tr");
    for (Column column : columns) {
      out.open("th", "scope", "col", "class", column.figures ? "n" : null).text(column.name);
      if (!column.unit.isEmpty()) {
        out.text(" ").element("span", column.unit, "class", "unit");
      }
      out.close();
    }
    out.close().close().open("tbody");
    for (int r = 0; r < rows.size(); r++) {
      out.open("tr", "class", r == emphasised ? "strong" : null);
      for (int c = 0; c < columns.size(); c++) {
        String kind = columns.get(c).figures ? "n" : null;
        String cell = rows.get(r).get(c);
        if (c == 0) {
          out.open("th", "scope", "row", "class", kind);
        } else {
          out.open("td", "class", kind);
        }
        int second = cell.indexOf('\n');
        out.text(second < 0 ? cell : cell.substring(0, second));
        if (second >= 0) {
          out.text(" ").element("span", cell.substring(second + 1), "class", "under");
        }
        out.closeInline();
      }
      out.close();
    }
    out.close().close().close();
    if (!notes.isEmpty()) {
      out.open("figcaption");
      notes.forEach(line -> out.paragraph(line));
      out.close();
    }
    return out.close();
  }
}
