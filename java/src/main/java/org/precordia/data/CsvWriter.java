// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes a recording as a table: a comment line for each comment, a header row, then a row a sample
 * of the time in seconds and the leads in mV with as many digits as give them back exactly. Missing
 * samples are empty fields.
 */
final class CsvWriter {
  private static final int BLOCK_CHARACTERS = 1 << 16;

  private final Recording recording;
  private final char delimiter;
  private final boolean decimalComma;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param delimiter between columns
   * @param decimalComma whether numbers have a comma instead of a point
   */
  CsvWriter(Recording recording, char delimiter, boolean decimalComma) {
    if (decimalComma && delimiter == ',') {
      throw new IllegalArgumentException("a comma cannot be both delimiter and decimal comma");
    }
    this.recording = recording;
    this.delimiter = delimiter;
    this.decimalComma = decimalComma;
  }

  /**
   * Writes the file, through a temporary one.
   *
   * @throws DataException when it cannot be written; the target is as it was
   */
  void write(Path file) throws IOException {
    try (AtomicFile out = AtomicFile.create(file)) {
      for (String comment : recording.comments()) {
        comment.lines().forEach(line -> text.append("# ").append(line.strip()).append('\n'));
      }
      text.append("time (s)");
      for (Lead lead : recording.leads()) {
        text.append(delimiter).append(lead.label()).append(" (mV)");
      }
      text.append('\n');
      for (int t = 0; t < recording.length(); t++) {
        append(Double.toString(t / recording.rate()));
        for (float[] row : recording.millivolts()) {
          text.append(delimiter);
          if (!Float.isNaN(row[t])) {
            append(Float.toString(row[t]));
          }
        }
        text.append('\n');
        if (text.length() > BLOCK_CHARACTERS) {
          flush(out);
        }
      }
      flush(out);
      out.commit();
    }
  }

  private void append(String number) {
    String plain = number.indexOf('E') < 0 ? number : new BigDecimal(number).toPlainString();
    text.append(decimalComma ? plain.replace('.', ',') : plain);
  }

  private void flush(AtomicFile out) throws IOException {
    out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
    text.setLength(0);
  }
}
