// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * Leads as a shard stores them: whole microvolts in 16 bits.
 *
 * @param microvolts {@code [lead][time]}, rows of one length, {@link #INVALID} where invalid
 * @param clipped samples that were beyond ±32.767 mV and are stored at that limit
 */
public record QuantizedSignals(short[][] microvolts, int clipped) {
  /** Stands for a sample that is missing or lies too near a gap. */
  public static final short INVALID = Short.MIN_VALUE;

  public QuantizedSignals {
    for (short[] row : microvolts) {
      if (row.length != microvolts[0].length) {
        throw new IllegalArgumentException("leads differ in length");
      }
    }
    if (microvolts.length != ShardHeader.LEADS) {
      throw new IllegalArgumentException(
          microvolts.length + " leads, a shard stores " + Lead.INDEPENDENT);
    }
  }

  /**
   * Rounds millivolts to microvolts.
   *
   * @param millivolts {@code [lead][time]} in mV, NaN where invalid
   */
  public static QuantizedSignals of(double[][] millivolts) {
    short[][] result = new short[millivolts.length][];
    int clipped = 0;
    for (int i = 0; i < result.length; i++) {
      double[] row = millivolts[i];
      short[] out = new short[row.length];
      for (int t = 0; t < row.length; t++) {
        double value = Math.rint(row[t] * 1000);
        if (Double.isNaN(value)) {
          out[t] = INVALID;
        } else if (Math.abs(value) > Short.MAX_VALUE) {
          out[t] = value > 0 ? Short.MAX_VALUE : -Short.MAX_VALUE;
          clipped++;
        } else {
          out[t] = (short) value;
        }
      }
      result[i] = out;
    }
    return new QuantizedSignals(result, clipped);
  }

  /** Samples per lead. */
  public int length() {
    return microvolts[0].length;
  }
}
