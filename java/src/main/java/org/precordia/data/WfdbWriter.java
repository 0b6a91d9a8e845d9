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

  private final Recording recording;
  private final Path folder;
  private final Map<Lead, Wfdb.Scaling> scalings;

  WfdbWriter(Recording recording, Path folder, Map<Lead, Wfdb.Scaling> scalings) {
    this.recording = recording;
    this.folder = folder;
    this.scalings = scalings;
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
    int leads = recording.leads().size();
    int length = recording.length();
    String dataFile = recording.name() + ".dat";
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(2 * leads, length)).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder header = new StringBuilder(256);
    header.append(recording.name()).append(' ').append(leads).append(' ');
    header.append(number(recording.rate())).append(' ').append(length).append('\n');
    for (int i = 0; i < leads; i++) {
      Lead lead = recording.leads().get(i);
      Wfdb.Scaling scaling = scalings.getOrDefault(lead, Wfdb.Scaling.MICROVOLT);
      int checksum = 0;
      float[] row = recording.millivolts()[i];
      for (int t = 0; t < length; t++) {
        short value = scaling.toAdc(row[t], lead, headerFile);
        data.putShort(2 * (t * leads + i), value);
        checksum += value;
      }
      header
          .append(dataFile)
          .append(" 16 ")
          .append(number(scaling.gain()))
          .append('(')
          .append(scaling.baseline())
          .append(")/mV 16 0 ")
          .append(data.getShort(2 * i))
          .append(' ')
          .append((short) checksum)
          .append(" 0 ")
          .append(lead.label())
          .append('\n');
    }
    for (String comment : recording.comments()) {
      comment.lines().forEach(text -> header.append("# ").append(text.strip()).append('\n'));
    }
    AtomicFile.write(folder.resolve(dataFile), data.array());
    AtomicFile.write(headerFile, header.toString());
    return headerFile;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
