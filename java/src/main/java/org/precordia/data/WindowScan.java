// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** Looks at the windows of one record after another: their faults and each lead's amplitude. */
final class WindowScan {
  /** What is to be thought of a window. */
  enum Verdict {
    USABLE,
    INVALID,
    FLAT,
    OUTLIER
  }

  private static final int STORED = Lead.INDEPENDENT.size();
  private static final int TWELVE = Lead.TWELVE.size();
  private static final int LEAD_ONE = Lead.INDEPENDENT.indexOf(Lead.I);
  private static final int LEAD_TWO = Lead.INDEPENDENT.indexOf(Lead.II);

  private final Shard shard;
  private final short[][] stored = new short[STORED][];

  /** The twelve leads in µV in the order of {@link Lead#TWELVE}. */
  private final float[][] twelve = new float[TWELVE][];

  private final float[] maxima = new float[TWELVE];
  private final float[] rms = new float[TWELVE];
  private int record;
  private boolean derived;

  WindowScan(Shard shard) {
    this.shard = shard;
  }

  void load(int record) {
    this.record = record;
    int length = shard.length(record);
    derived = false;
    for (int lead = 0; lead < STORED; lead++) {
      if (stored[lead] == null || stored[lead].length != length) {
        stored[lead] = new short[length];
      }
      shard.copy(record, lead, 0, stored[lead]);
    }
  }

  /**
   * Looks at a window of the loaded record.
   *
   * @param measure whether {@link #maxima} and {@link #rms} are wanted for a usable window
   */
  Verdict look(int start, boolean measure) {
    Verdict verdict = Verdict.USABLE;
    for (short[] row : stored) {
      int low = Short.MAX_VALUE;
      int high = Short.MIN_VALUE;
      for (int t = start; t < start + Windows.LENGTH; t++) {
        low = Math.min(low, row[t]);
        high = Math.max(high, row[t]);
      }
      if (low == QuantizedSignals.INVALID) {
        return Verdict.INVALID;
      }
      if (high - low <= Windows.FLAT_MICROVOLTS) {
        verdict = Verdict.FLAT;
      }
    }
    if (measure && verdict == Verdict.USABLE) {
      measure(start);
    }
    return verdict;
  }

  /** Largest magnitude of each of the twelve leads in mV. */
  float[] maxima() {
    return maxima;
  }

  /** Root mean square of each of the twelve leads in mV. */
  float[] rms() {
    return rms;
  }

  private void measure(int start) {
    if (!derived) {
      derive();
    }
    for (int lead = 0; lead < TWELVE; lead++) {
      float[] row = twelve[lead];
      float largest = 0;
      double squares = 0;
      for (int t = start; t < start + Windows.LENGTH; t++) {
        float value = row[t];
        largest = Math.max(largest, Math.abs(value));
        squares += value * value;
      }
      maxima[lead] = largest / 1000;
      rms[lead] = (float) Math.sqrt(squares / Windows.LENGTH) / 1000;
    }
  }

  private void derive() {
    int length = shard.length(record);
    for (int i = 0; i < TWELVE; i++) {
      Lead lead = Lead.TWELVE.get(i);
      if (twelve[i] == null || twelve[i].length != length) {
        twelve[i] = new float[length];
      }
      int source = Lead.INDEPENDENT.indexOf(lead);
      for (int t = 0; t < length; t++) {
        twelve[i][t] = source >= 0 ? stored[source][t] : 0;
      }
      if (source < 0) {
        float one = LimbLeads.ofLeadOne(lead);
        float two = LimbLeads.ofLeadTwo(lead);
        for (int t = 0; t < length; t++) {
          twelve[i][t] = one * stored[LEAD_ONE][t] + two * stored[LEAD_TWO][t];
        }
      }
    }
    derived = true;
  }
}
