// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Shard;

/**
 * Leads of a shard's record in mV, those that the shard does not store mixed from those it does.
 */
public final class RecordLeads {
  private RecordLeads() {}

  /**
   * Whole leads, {@code [lead][sample]}; NaN where a stored lead that is needed is invalid.
   *
   * @param record its index in the shard
   */
  public static float[][] millivolts(Shard shard, int record, List<Lead> leads) {
    float[][] stored = shard.millivolts(record);
    float[] mix = NetworkConfig.mix(leads);
    float[][] signals = new float[leads.size()][stored[0].length];
    for (int i = 0; i < signals.length; i++) {
      for (int s = 0; s < stored.length; s++) {
        float weight = mix[i * stored.length + s];
        for (int t = 0; weight != 0 && t < signals[i].length; t++) {
          signals[i][t] += weight * stored[s][t];
        }
      }
    }
    return signals;
  }
}
