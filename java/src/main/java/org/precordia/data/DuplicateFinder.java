// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds recordings that hold the same signal, whatever its scale and name.
 *
 * <p>The first 8 s of leads II, V2 and V5 after filtering, divided by their common root mean
 * square, are projected onto {@value #PROJECTIONS} fixed random sign patterns. The mean squared
 * difference of two such signatures estimates 2(1 − r), where r is the correlation of the two
 * signals (Johnson and Lindenstrauss 1984); r of about 0.99 or more counts as the same signal. So a
 * copy with another gain, coarser rounding or another sampling rate is found, one that was cut
 * elsewhere or inverted is not.
 *
 * <p>Among 1,871 records of PTB-XL the two most alike differ by 0.29 in that measure, fifteen times
 * the limit; the two versions of a record that PTB-XL publishes, one of which lags by some 2 ms,
 * differ by 0.002 to 0.02 and rarely more.
 */
final class DuplicateFinder {
  private static final int PROJECTIONS = 32;
  private static final int SAMPLES = 800;
  private static final List<Lead> LEADS = List.of(Lead.II, Lead.V2, Lead.V5);
  private static final double SAME = 2 * (1 - 0.99);

  /** Mean square in mV² under which there is no signal to compare. */
  private static final double SILENT = 1e-6;

  /** {@code [lead][time][projection]} signs, flattened. */
  private static final float[] SIGNS = signs();

  private final VectorList signatures = new VectorList(PROJECTIONS);

  /** The record of each signature, ascending. */
  private final IntList records = new IntList();

  /** A later record and the first that holds its signal. */
  record Pair(int record, int of) {}

  /**
   * The signature of a recording.
   *
   * @param millivolts {@code [8][length]} filtered leads in the order of {@link Lead#INDEPENDENT}
   * @return null when there is no signal
   */
  static float[] signature(double[][] millivolts) {
    float[] sums = new float[PROJECTIONS];
    double squares = 0;
    int count = 0;
    for (int i = 0; i < LEADS.size(); i++) {
      double[] row = millivolts[Lead.INDEPENDENT.indexOf(LEADS.get(i))];
      int length = Math.min(SAMPLES, row.length);
      for (int t = 0; t < length; t++) {
        float value = Double.isNaN(row[t]) ? 0 : (float) row[t];
        int at = (i * SAMPLES + t) * PROJECTIONS;
        for (int k = 0; k < PROJECTIONS; k++) {
          sums[k] += value * SIGNS[at + k];
        }
        squares += value * value;
      }
      count += length;
    }
    if (!(squares > SILENT * count)) {
      return null;
    }
    float scale = (float) (1 / Math.sqrt(squares));
    for (int k = 0; k < PROJECTIONS; k++) {
      sums[k] *= scale;
    }
    return sums;
  }

  /** Adds a record; a null signature is passed over. Records come in ascending order. */
  void add(int record, float[] signature) {
    if (signature != null) {
      signatures.add(signature);
      records.add(record);
    }
  }

  /**
   * All records that repeat an earlier one, ascending. What repeats a repeated record repeats the
   * first of them too.
   */
  List<Pair> find() {
    int[] first = new int[records.size()];
    Arrays.setAll(first, i -> i);
    for (int[] near : NearPairs.find(signatures, SAME * PROJECTIONS)) {
      for (int i = 0; i < near.length; i += 2) {
        int x = root(first, near[i]);
        int y = root(first, near[i + 1]);
        first[Math.max(x, y)] = Math.min(x, y);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < first.length; i++) {
      int of = root(first, i);
      if (of != i) {
        pairs.add(new Pair(records.get(i), records.get(of)));
      }
    }
    return pairs;
  }

  private static int root(int[] first, int record) {
    int at = record;
    while (first[at] != at) {
      first[at] = first[first[at]];
      at = first[at];
    }
    return at;
  }

  private static float[] signs() {
    SplittableRandom random = new SplittableRandom(20_260_317L);
    float[] signs = new float[LEADS.size() * SAMPLES * PROJECTIONS];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return signs;
  }
}
