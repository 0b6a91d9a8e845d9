// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes a recording as a WFDB record of format 16: signals first, then the header that names them.
 */
final class WfdbWriter {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
  private static final int BLOCK_SAMPLES = 1 << 18;

  private final Recording recording;
  private final Path folder;
  private final Map<Lead, Wfdb.Scaling> scalings;
  private final int[] checksums;
  private final short[] initialValues;

  WfdbWriter(Recording recording, Path folder, Map<Lead, Wfdb.Scaling> scalings) {
    this.recording = recording;
    this.folder = folder;
    this.scalings = scalings;
    this.checksums = new int[recording.leads().size()];
    this.initialValues = new short[recording.leads().size()];
  }

  Path write() throws IOException {
    Path headerFile = folder.resolve(recording.name() + ".hea");
    if (!NAME.matcher(recording.name()).matches()) {
      throw new DataException(
          folder,
          "\"" + recording.name() + "\" cannot name a WFDB record",
          "use letters, digits, hyphen and underscore");
    }
    if (recording.leads().isEmpty() || recording.length() == 0) {
      throw new DataException(headerFile, "the recording is empty", "record something first");
    }
    String dataFile = recording.name() + ".dat";
    try (AtomicFile data = AtomicFile.create(folder.resolve(dataFile))) {
      writeSamples(data, headerFile);
      data.commit();
    }
    AtomicFile.write(headerFile, header(dataFile));
    return headerFile;
  }

  /** Interleaves the leads block by block, so that a long record needs no second copy in memory. */
  private void writeSamples(AtomicFile data, Path headerFile) throws IOException {
    int leads = recording.leads().size();
    int length = recording.length();
    int block = Math.max(1, BLOCK_SAMPLES / leads);
    ByteBuffer buffer =
        ByteBuffer.allocate(Short.BYTES * leads * block).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < length; from += block) {
      int count = Math.min(block, length - from);
      for (int i = 0; i < leads; i++) {
        Lead lead = recording.leads().get(i);
        Wfdb.Scaling scaling = scaling(lead);
        float[] row = recording.millivolts()[i];
        for (int t = 0; t < count; t++) {
          short value = scaling.toAdc(row[from + t], lead, headerFile);
          buffer.putShort(Short.BYTES * (t * leads + i), value);
          checksums[i] += value;
          if (from + t == 0) {
            initialValues[i] = value;
          }
        }
      }
      buffer.position(0).limit(Short.BYTES * leads * count);
      data.write(buffer);
      buffer.clear();
    }
  }

  private String header(String dataFile) {
    int leads = recording.leads().size();
    StringBuilder text = new StringBuilder(256);
    text.append(recording.name()).append(' ').append(leads).append(' ');
    text.append(number(recording.rate())).append(' ').append(recording.length()).append('\n');
    for (int i = 0; i < leads; i++) {
      Lead lead = recording.leads().get(i);
      Wfdb.Scaling scaling = scaling(lead);
      text.append(dataFile)
          .append(" 16 ")
          .append(number(scaling.gain()))
          .append('(')
          .append(scaling.baseline())
          .append(")/mV 16 0 ")
          .append(initialValues[i])
          .append(' ')
          .append((short) checksums[i])
          .append(" 0 ")
          .append(lead.label())
          .append('\n');
    }
    for (String comment : recording.comments()) {
      comment.lines().forEach(line -> text.append("# ").append(line.strip()).append('\n'));
    }
    return text.toString();
  }

  private Wfdb.Scaling scaling(Lead lead) {
    return scalings.getOrDefault(lead, Wfdb.Scaling.MICROVOLT);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
