// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.precordia.signal.Preprocessing;
import org.precordia.signal.Preprocessor;
import org.precordia.signal.RPeakDetector;

/**
 * Turns one recording into what a shard stores: the eight independent leads, filtered, in whole
 * microvolts, and the R peaks of lead II. Safe for concurrent use.
 */
final class RecordPreparer {
  private static final int LEAD_TWO = Lead.INDEPENDENT.indexOf(Lead.II);

  private final Preprocessing preset;
  private final double rate;

  /** Filters are designed once for each source rate. */
  private final Map<Double, Preprocessor> preprocessors = new ConcurrentHashMap<>();

  RecordPreparer(Preprocessing preset, double rate) {
    this.preset = preset;
    this.rate = rate;
  }

  /**
   * A recording ready to be written.
   *
   * @param signals the stored leads
   * @param rPeaks sample indices at the shard's rate, ascending
   * @param signature for {@link DuplicateFinder}, null when there is no signal
   * @param residual worst contradiction among the limb leads as recorded, in mV
   * @param sourceRate rate of the recording in Hz
   */
  record Prepared(
      QuantizedSignals signals,
      int[] rPeaks,
      float[] signature,
      double residual,
      double sourceRate) {}

  /**
   * Prepares a recording.
   *
   * @throws DataException when a lead is missing, or has no valid sample, or never changes
   */
  Prepared prepare(Recording recording) throws DataException {
    float[][] raw = LimbLeads.independent(recording);
    Preprocessor preprocessor =
        preprocessors.computeIfAbsent(
            recording.rate(), source -> new Preprocessor(preset, source, rate));
    double[][] filtered = preprocessor.apply(raw);
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < raw.length; i++) {
      String fault = fault(raw[i], filtered[i]);
      if (fault != null) {
        faults.add("lead " + Lead.INDEPENDENT.get(i) + " " + fault);
      }
    }
    if (!faults.isEmpty()) {
      throw new DataException(
          Path.of(recording.name()),
          String.join(", ", faults),
          "leave the record out, or use a recording in which these leads were connected");
    }
    return new Prepared(
        QuantizedSignals.of(filtered),
        RPeakDetector.detect(filtered[LEAD_TWO], rate),
        DuplicateFinder.signature(filtered),
        LimbLeads.residual(recording),
        recording.rate());
  }

  private static String fault(float[] raw, double[] filtered) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : raw) {
      if (Float.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    if (low > high) {
      return "has no valid sample";
    }
    if (low == high) {
      return "is flat throughout";
    }
    for (double value : filtered) {
      if (!Double.isNaN(value)) {
        return null;
      }
    }
    return "has no run of valid samples long enough to be filtered";
  }
}
