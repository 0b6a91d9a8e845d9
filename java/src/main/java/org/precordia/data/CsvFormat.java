// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tables of samples as text: a header row with the leads' names and units, then a row a sample. A
 * column of times gives the sampling rate; where it jumps, the samples between are missing. Empty
 * fields and NaN are missing samples. Delimiter, decimal comma and encoding are found and stated.
 */
final class CsvFormat implements RecordingFormat {
  @Override
  public String name() {
    return "CSV or TSV";
  }

  @Override
  public boolean accepts(Path file, byte[] start) {
    for (byte value : start) {
      // Text has no control characters but white space.
      if (value >= 0 && value < ' ' && value != '\t' && value != '\n' && value != '\r') {
        return false;
      }
    }
    return start.length > 0 && !XmlDocument.isXml(new String(start, StandardCharsets.ISO_8859_1));
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    DelimitedText text = DelimitedText.detect(file);
    Table table = new Table(file, text, options);
    try (CsvReader<CsvRecord> rows = text.open(file)) {
      for (CsvRecord row : rows) {
        table.accept(row);
      }
    } catch (CsvParseException e) {
      throw new DataException(
          file, 0, "is not a table: " + e.getMessage(), "check its quotes and encoding", e);
    }
    return table.recording();
  }

  /** Takes rows one after the other. */
  private static final class Table {
    private final Path file;
    private final DelimitedText text;
    private final ReadOptions options;
    private final List<String> comments = new ArrayList<>();
    private final FieldParser parser;
    private CsvColumns columns;
    private CsvRecord header;
    private int headerLine;
    private FloatList[] samples;
    private DoubleList times;
    private int firstLine;

    Table(Path file, DelimitedText text, ReadOptions options) {
      this.file = file;
      this.text = text;
      this.options = options;
      this.parser = new FieldParser(file, text.decimalComma());
    }

    void accept(CsvRecord row) throws DataException {
      int line = Math.toIntExact(Math.min(row.getStartingLineNumber(), Integer.MAX_VALUE));
      if (row.isComment()) {
        comments.add(row.getField(0).strip());
      } else if (columns != null) {
        addSamples(row, line);
      } else if (!options.columns().isEmpty()) {
        setColumns(line, options.columns(), List.of());
        addSamples(row, line);
      } else if (header == null) {
        header = row;
        headerLine = line;
      } else if (parser.hasNumber(row)) {
        setColumns(headerLine, header.getFields(), List.of());
        addSamples(row, line);
      } else {
        setColumns(headerLine, header.getFields(), row.getFields());
      }
    }

    private void setColumns(int line, List<String> names, List<String> units) throws DataException {
      columns = new CsvColumns(file, line, names, units, options.unit());
      samples = new FloatList[columns.leads().size()];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = new FloatList();
      }
      times = columns.timeColumn() < 0 ? null : new DoubleList();
    }

    private void addSamples(CsvRecord row, int line) throws DataException {
      if (row.getFieldCount() != columns.count()) {
        throw new DataException(
            file,
            line,
            "has " + row.getFieldCount() + " fields, the header row " + columns.count(),
            "give every row a field for each column");
      }
      firstLine = firstLine == 0 ? line : firstLine;
      for (int i = 0; i < samples.length; i++) {
        samples[i].add(parser.sample(row.getField(columns.column(i)), columns.scale(i), line));
      }
      if (times != null) {
        times.add(parser.time(row.getField(columns.timeColumn()), line) * columns.timeScale());
      }
    }

    Recording recording() throws IOException {
      if (columns == null || samples[0].size() == 0) {
        throw new DataException(
            file, "has no row of samples", "give a table with a header row and a row a sample");
      }
      List<String> notes = new ArrayList<>(List.of(text.description()));
      notes.addAll(columns.notes());
      float[][] rows = new float[samples.length][];
      double rate = options.rate();
      if (times != null && times.size() > 1) {
        double resolution = parser.timeResolution() * columns.timeScale();
        TimeColumn time =
            new TimeColumn(file, times.toArray(), resolution, options.rate(), firstLine);
        Allocation.check(file, Files.size(file), rows.length, time.length());
        rate = time.rate();
        notes.add("%s Hz from the column of times, %d gaps".formatted(rate, time.gaps()));
        for (int i = 0; i < rows.length; i++) {
          rows[i] = time.spread(samples[i]);
        }
      } else if (rate > 0) {
        for (int i = 0; i < rows.length; i++) {
          rows[i] = samples[i].toArray();
        }
      } else {
        throw new DataException(
            file, "says nothing of its sampling rate", "add a column time (s), or give --rate");
      }
      return new Recording(
          RecordingFormat.nameOf(file),
          rate,
          columns.leads(),
          rows,
          comments,
          new Origin(
              text.delimiter() == '\t' ? "TSV" : "CSV", Optional.empty(), Optional.empty(), notes));
    }
  }
}
