// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.List;

/**
 * What a look at a recording shows.
 *
 * @param leads each lead in the recording's order
 * @param residual the largest contradiction among the limb leads in mV, see {@link
 *     LimbLeads#residual}; NaN when there is nothing to compare
 * @param suspicions reasons to think that electrodes were swapped, a sentence each
 */
public record Inspection(List<LeadRange> leads, double residual, List<String> suspicions) {
  /**
   * One lead.
   *
   * @param lead the lead
   * @param lowest in mV, NaN when every sample is missing
   * @param highest in mV, NaN when every sample is missing
   * @param missing number of missing samples
   * @param gaps number of runs of missing samples
   */
  public record LeadRange(Lead lead, float lowest, float highest, int missing, int gaps) {
    /** Whether no sample differs from another. */
    public boolean flat() {
      return !(highest > lowest);
    }

    static LeadRange of(Lead lead, float[] samples) {
      float lowest = Float.NaN;
      float highest = Float.NaN;
      int missing = 0;
      int gaps = 0;
      for (int t = 0; t < samples.length; t++) {
        if (Float.isNaN(samples[t])) {
          missing++;
          gaps += t == 0 || !Float.isNaN(samples[t - 1]) ? 1 : 0;
        } else {
          lowest = lowest <= samples[t] ? lowest : samples[t];
          highest = highest >= samples[t] ? highest : samples[t];
        }
      }
      return new LeadRange(lead, lowest, highest, missing, gaps);
    }
  }

  public Inspection {
    leads = List.copyOf(leads);
    suspicions = List.copyOf(suspicions);
  }

  /** Looks at a recording. */
  public static Inspection of(Recording recording) throws DataException {
    List<LeadRange> ranges = new ArrayList<>();
    for (Lead lead : recording.leads()) {
      ranges.add(LeadRange.of(lead, recording.signal(lead)));
    }
    return new Inspection(
        ranges,
        LimbLeads.comparable(recording) ? LimbLeads.residual(recording) : Double.NaN,
        ElectrodeCheck.suspicions(recording));
  }
}
