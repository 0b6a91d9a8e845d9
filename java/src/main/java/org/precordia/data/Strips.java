// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stretches of some leads each, put where their times say, as printed ECGs and some files have
 * them. What no strip has is NaN.
 */
final class Strips {
  /** Far beyond any array, and still exact in floating point. */
  private static final double MOST_SAMPLES = 1L << 50;

  private final Path file;
  private final double rate;
  private final List<Strip> strips = new ArrayList<>();
  private final Set<Lead> leads = new HashSet<>();
  private long length;

  private record Strip(long start, Map<Lead, float[]> rows) {}

  /**
   * @param rate sampling rate of all strips
   */
  Strips(Path file, double rate) {
    this.file = file;
    this.rate = rate;
  }

  /**
   * Adds a strip.
   *
   * @param seconds when it begins, counted from the recording's start
   * @param rows samples in mV by lead, all of one length
   * @throws DataException when it begins before the start or far beyond any recording
   */
  void add(double seconds, Map<Lead, float[]> rows) throws DataException {
    double start = Math.rint(seconds * rate);
    if (!(start >= 0) || start > MOST_SAMPLES) {
      throw new DataException(
          file,
          "a strip of leads " + Lead.names(rows.keySet()) + " begins after " + seconds + " s",
          "export the file again");
    }
    strips.add(new Strip((long) start, rows));
    leads.addAll(rows.keySet());
    for (float[] row : rows.values()) {
      length = Math.max(length, (long) start + row.length);
    }
  }

  /**
   * Puts the strips together, leads in display order.
   *
   * @throws DataException when there is none, two overlap in a lead, or they are so far apart that
   *     the gaps would take more memory than the file is worth
   */
  Recording recording(Origin origin) throws IOException {
    if (strips.isEmpty()) {
      throw new DataException(
          file, "has no signal that is an ECG lead", "export the file again, with waveforms");
    }
    List<Lead> inOrder = leads.stream().sorted().toList();
    int samples = Allocation.check(file, Files.size(file), inOrder.size(), length);
    float[][] rows = new float[inOrder.size()][samples];
    for (int i = 0; i < rows.length; i++) {
      fill(rows[i], inOrder.get(i));
    }
    return new Recording(RecordingFormat.nameOf(file), rate, inOrder, rows, List.of(), origin);
  }

  private void fill(float[] row, Lead lead) throws DataException {
    Arrays.fill(row, Float.NaN);
    long filled = 0;
    for (Strip strip : strips) {
      float[] part = strip.rows().get(lead);
      if (part == null) {
        continue;
      }
      if (strip.start() < filled) {
        throw new DataException(
            file, "strips overlap in lead " + lead, "export the file again, each lead once");
      }
      System.arraycopy(part, 0, row, (int) strip.start(), part.length);
      filled = strip.start() + part.length;
    }
  }
}
