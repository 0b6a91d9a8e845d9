// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.precordia.data.Lead;

/**
 * Writes WFDB records in formats that Precordia reads, those that it does not write among them: the
 * layouts of the WFDB manual's signal(5), one signal file, samples interleaved.
 */
final class WfdbFile {
  private static final String NAME = "generated";
  private static final int TEN_BITS = 0x3FF;

  private WfdbFile() {}

  /** The signal file beside a header. */
  static Path signals(Path header) {
    return header.resolveSibling(NAME + ".dat");
  }

  /**
   * Writes header and signal file.
   *
   * @param samples {@code [signal][sample]} in ADC units that fit into the format
   * @return the header
   */
  static Path write(
      Path folder, int format, double rate, int gain, List<Lead> leads, int[][] samples)
      throws IOException {
    Path header = folder.resolve(NAME + ".hea");
    Files.write(
        signals(header),
        format == 516 ? FlacFile.encode(samples) : pack(format, interleave(samples)));
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%s %d %s %d%n", NAME, leads.size(), rate, samples[0].length));
    for (int i = 0; i < leads.size(); i++) {
      int sum = 0;
      for (int sample : samples[i]) {
        sum += sample;
      }
      text.append(
          String.format(
              Locale.ROOT,
              "%s.dat %d %d(0)/mV 0 0 %d %d 0 %s%n",
              NAME,
              format,
              gain,
              samples[i][0],
              (short) sum,
              leads.get(i).label()));
    }
    Files.writeString(header, text);
    return header;
  }

  private static int[] interleave(int[][] samples) {
    int signals = samples.length;
    int[] frames = new int[signals * samples[0].length];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = samples[i % signals][i / signals];
    }
    return frames;
  }

  /** Bytes of a format without compression; the last group is filled up. */
  static byte[] pack(int format, int[] samples) {
    int group =
        switch (format) {
          case 16, 24, 32 -> 1;
          case 212 -> 2;
          case 310, 311 -> 3;
          default -> throw new IllegalArgumentException("no bytes are made in format " + format);
        };
    int groups = Math.ceilDiv(samples.length, group);
    ByteBuffer bytes = ByteBuffer.allocate(4 * groups).order(ByteOrder.LITTLE_ENDIAN);
    int[] one = new int[group];
    for (int g = 0; g < groups; g++) {
      for (int k = 0; k < group; k++) {
        int index = g * group + k;
        one[k] = index < samples.length ? samples[index] : 0;
      }
      switch (format) {
        case 16 -> bytes.putShort((short) one[0]);
        case 24 -> bytes.put((byte) one[0]).putShort((short) (one[0] >> 8));
        case 32 -> bytes.putInt(one[0]);
        case 212 ->
            bytes
                .put((byte) one[0])
                .put((byte) (one[0] >> 8 & 0xF | one[1] >> 4 & 0xF0))
                .put((byte) one[1]);
        case 310 ->
            bytes
                .putShort((short) ((one[0] & TEN_BITS) << 1 | (one[2] & 0x1F) << 11))
                .putShort((short) ((one[1] & TEN_BITS) << 1 | (one[2] >> 5 & 0x1F) << 11));
        default ->
            bytes.putInt(one[0] & TEN_BITS | (one[1] & TEN_BITS) << 10 | (one[2] & TEN_BITS) << 20);
      }
    }
    byte[] packed = new byte[bytes.position()];
    bytes.flip().get(packed);
    return packed;
  }
}
