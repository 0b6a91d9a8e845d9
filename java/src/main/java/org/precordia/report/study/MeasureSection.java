// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.ArrayList;
import java.util.List;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.MeasureTable;
import org.precordia.study.StudyRow;

/** A few figures of every row, such as its clinical measures. */
final class MeasureSection {
  private final MeasureTable measures;

  MeasureSection(MeasureTable measures) {
    this.measures = measures;
  }

  void write(Markup out) {
    HtmlTable table =
        new HtmlTable(measures.id() + "-table", measures.title() + ", row by row").text("Row");
    measures.columns().forEach(column -> table.figures(column.name(), column.unit()));
    measures.references().forEach(line -> table.row(cells(line)));
    for (MeasureTable.Line line : measures.lines()) {
      table.row(cells(line));
      if (line.name().equals(StudyRow.MODEL.id())) {
        table.emphasise();
      }
    }
    measures.notes().forEach(note -> table.note(note + "."));
    out.add(table.markup());
  }

  private String[] cells(MeasureTable.Line line) {
    List<String> cells = new ArrayList<>(List.of(line.name()));
    for (int column = 0; column < measures.columns().size(); column++) {
      MeasureTable.Column of = measures.columns().get(column);
      cells.add(StudyTable.spread(line.figures().get(column), of.decimals()));
    }
    return cells.toArray(String[]::new);
  }
}
