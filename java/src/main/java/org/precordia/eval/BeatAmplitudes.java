// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;

/**
 * Amplitudes of the target leads at lead II's R peaks: the level at the peak minus the mean level
 * from 100 to 60 ms before it, where the PQ segment lies unless the QRS complex is very wide; mean
 * over the beats of a record. Beats without those samples are left out.
 */
final class BeatAmplitudes {
  private static final double BASELINE_FROM = 0.100;
  private static final double BASELINE_TO = 0.060;

  private final List<Lead> targets;
  private final int from;
  private final int to;

  /**
   * @param rate sampling rate in Hz
   */
  BeatAmplitudes(List<Lead> targets, double rate) {
    this.targets = List.copyOf(targets);
    this.from = (int) Math.round(BASELINE_FROM * rate);
    this.to = (int) Math.round(BASELINE_TO * rate);
  }

  /**
   * What was read from one record.
   *
   * @param beats peaks that count
   * @param amplitudes by lead; empty without beats
   */
  record Reading(int beats, Map<Lead, RecordResult.Amplitude> amplitudes) {
    static final Reading NONE = new Reading(0, Map.of());
  }

  /** Reads a record. */
  Reading read(RecordTrace trace, int[] peaks) {
    double[] truth = new double[targets.size()];
    double[] reconstructed = new double[targets.size()];
    int beats = 0;
    for (int peak : peaks) {
      if (usable(trace, peak)) {
        beats++;
        for (int lead = 0; lead < truth.length; lead++) {
          truth[lead] += amplitude(trace.truth()[lead], peak);
          reconstructed[lead] += amplitude(trace.reconstructed()[lead], peak);
        }
      }
    }
    if (beats == 0) {
      return Reading.NONE;
    }
    Map<Lead, RecordResult.Amplitude> amplitudes = new LinkedHashMap<>();
    for (int lead = 0; lead < truth.length; lead++) {
      amplitudes.put(
          targets.get(lead),
          new RecordResult.Amplitude(truth[lead] / beats, reconstructed[lead] / beats));
    }
    return new Reading(beats, amplitudes);
  }

  /** Windows cover all leads alike, so one lead tells whether the samples are there. */
  private boolean usable(RecordTrace trace, int peak) {
    double[] lead = trace.truth()[0];
    return peak >= from && peak < lead.length && !Double.isNaN(amplitude(lead, peak));
  }

  private double amplitude(double[] lead, int peak) {
    double level = 0;
    for (int t = peak - from; t <= peak - to; t++) {
      level += lead[t];
    }
    return lead[peak] - level / (from - to + 1);
  }
}
