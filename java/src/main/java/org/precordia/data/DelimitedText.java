// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a table of samples is written, found from its first lines: the delimiter that every line has
 * equally often, a decimal comma where the delimiter leaves the comma free, the quote and the
 * encoding.
 *
 * @param delimiter between columns
 * @param decimalComma whether numbers have a comma where others have a point
 * @param quote around names, {@code "} or {@code '}
 * @param charset UTF-8, or ISO 8859-1 where the file is not UTF-8
 */
record DelimitedText(char delimiter, boolean decimalComma, char quote, Charset charset) {
  private static final int LOOK_AT_BYTES = 1 << 16;
  private static final int LOOK_AT_LINES = 50;
  private static final String DELIMITERS = "\t;,|";
  private static final Pattern DECIMAL_COMMA =
      Pattern.compile("\\s*[-+]?\\d*,\\d+([eE][-+]?\\d+)?\\s*");

  /**
   * Looks at a file's first lines.
   *
   * @throws DataException when there is no such file or it has no line
   */
  static DelimitedText detect(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LOOK_AT_BYTES);
    } catch (NoSuchFileException e) {
      throw new DataException(file, 0, "there is no such file", "check the path", e);
    }
    Charset charset = charset(start);
    List<String> lines = lines(new String(start, charset), start.length == LOOK_AT_BYTES);
    if (lines.isEmpty()) {
      throw new DataException(
          file, "has no row", "give a table with a header row and a row a sample");
    }
    char delimiter = delimiter(lines);
    boolean decimalComma =
        delimiter != ','
            && lines.stream()
                .flatMap(line -> Pattern.compile(Pattern.quote("" + delimiter)).splitAsStream(line))
                .anyMatch(field -> DECIMAL_COMMA.matcher(field).matches());
    char quote = lines.getFirst().startsWith("'") ? '\'' : '"';
    return new DelimitedText(delimiter, decimalComma, quote, charset);
  }

  /** Opens the file as rows. */
  CsvReader<CsvRecord> open(Path file) throws IOException {
    return CsvReader.builder()
        .fieldSeparator(delimiter)
        .quoteCharacter(quote)
        .commentStrategy(CommentStrategy.READ)
        .detectBomHeader(charset.equals(StandardCharsets.UTF_8))
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .ofCsvRecord(file, charset);
  }

  /** A sentence on what was found. */
  String description() {
    String name =
        switch (delimiter) {
          case '\t' -> "tab";
          case ';' -> "semicolon";
          case '|' -> "bar";
          default -> "comma";
        };
    return "delimiter "
        + name
        + (decimalComma ? ", decimal comma, " : ", decimal point, ")
        + charset.name();
  }

  private static Charset charset(byte[] start) {
    // The last character may be cut off, which the decoder reports only when told of the end.
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer characters = CharBuffer.allocate(start.length + 1);
    return decoder.decode(ByteBuffer.wrap(start), characters, false).isError()
        ? StandardCharsets.ISO_8859_1
        : StandardCharsets.UTF_8;
  }

  private static List<String> lines(String text, boolean cut) {
    String whole = text.startsWith("\ufeff") ? text.substring(1) : text;
    int end = whole.lastIndexOf('\n');
    return (cut && end > 0 ? whole.substring(0, end) : whole)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .limit(LOOK_AT_LINES)
        .toList();
  }

  /** The first delimiter that all lines have equally often, else the first that all have. */
  private static char delimiter(List<String> lines) {
    char shared = ',';
    for (char candidate : DELIMITERS.toCharArray()) {
      long[] counts =
          lines.stream()
              .mapToLong(line -> line.chars().filter(c -> c == candidate).count())
              .toArray();
      boolean all = true;
      boolean equal = true;
      for (long count : counts) {
        all &= count > 0;
        equal &= count == counts[0];
      }
      if (all && equal) {
        return candidate;
      }
      if (all && shared == ',') {
        shared = candidate;
      }
    }
    // A comma that the first line lacks is a decimal comma of a single column.
    return shared == ',' && lines.getFirst().indexOf(',') < 0 ? ';' : shared;
  }
}
