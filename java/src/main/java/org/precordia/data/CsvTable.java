// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A CSV file with a header row, whose every error names the file, the line and the column. */
final class CsvTable {
  private final Path file;
  private final Map<String, Integer> columns = new HashMap<>();
  private final List<Row> rows = new ArrayList<>();

  private CsvTable(Path file) {
    this.file = file;
  }

  /**
   * Reads a table.
   *
   * @param required columns that must be there
   * @throws DataException when the file is missing, malformed or lacks a column
   */
  static CsvTable read(Path file, String... required) throws IOException {
    CsvTable table = new CsvTable(file);
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder().detectBomHeader(true).ofCsvRecord(file)) {
      for (CsvRecord record : reader) {
        if (table.columns.isEmpty()) {
          table.header(record);
        } else {
          table.rows.add(table.new Row(record));
        }
      }
    } catch (NoSuchFileException e) {
      throw new DataException(file, 0, "there is no such file", "check the path", e);
    } catch (CsvParseException e) {
      throw new DataException(
          file, 0, "is not a CSV file: " + e.getMessage(), "check its quotes and encoding", e);
    }
    for (String column : required) {
      if (!table.has(column)) {
        throw new DataException(
            file, 1, "has no column \"" + column + "\"", "add it to the header row");
      }
    }
    return table;
  }

  boolean has(String column) {
    return columns.containsKey(column);
  }

  List<Row> rows() {
    return rows;
  }

  private void header(CsvRecord record) {
    for (int i = 0; i < record.getFieldCount(); i++) {
      columns.put(record.getField(i).strip(), i);
    }
  }

  /** One row. */
  final class Row {
    private final CsvRecord record;

    private Row(CsvRecord record) {
      this.record = record;
    }

    /** Line of the file counted from 1. */
    int line() {
      return Math.toIntExact(record.getStartingLineNumber());
    }

    /** The field without surrounding blanks; empty when column or field is missing. */
    String text(String column) {
      Integer index = columns.get(column);
      return index == null || index >= record.getFieldCount() ? "" : record.getField(index).strip();
    }

    /** The field, which must not be empty. */
    String required(String column) throws DataException {
      String text = text(column);
      if (text.isEmpty()) {
        throw error(column, "is empty", "fill it in or remove the row");
      }
      return text;
    }

    /** The field as a number, NaN when empty. */
    double number(String column) throws DataException {
      String text = text(column);
      double value = Double.POSITIVE_INFINITY;
      try {
        value = text.isEmpty() ? Double.NaN : Double.parseDouble(text);
      } catch (NumberFormatException e) {
        // Said below, like a number beyond all bounds.
        value = Double.POSITIVE_INFINITY;
      }
      if (Double.isInfinite(value)) {
        throw error(column, "\"" + text + "\" is not a number", "correct it or leave it empty");
      }
      return value;
    }

    /** The field as a fold 1 to 10. */
    int fold(String column) throws DataException {
      double value = number(column);
      if (value >= 1 && value <= 10 && value == Math.rint(value)) {
        return (int) value;
      }
      throw error(
          column, "\"" + text(column) + "\" is no fold", "write a whole number from 1 to 10");
    }

    DataException error(String column, String problem, String remedy) {
      return new DataException(file, line(), "column \"" + column + "\" " + problem, remedy);
    }
  }
}
