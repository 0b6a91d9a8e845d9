// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Shard;
import org.precordia.model.NetworkConfig;

/**
 * Records as they are after reconstruction: recorded leads as they were, all others from a
 * network's outputs, in the eight leads and the unit of a shard.
 */
final class CompletedRecord {
  private static final double MICROVOLT = 1000;
  private static final double INVALID = Short.MIN_VALUE;

  private final Shard shard;
  private final List<Lead> targets;
  private final List<Lead> recordedLimb;

  /**
   * @throws EvaluationException when inputs and targets together do not determine twelve leads
   */
  CompletedRecord(Shard shard, NetworkConfig network) {
    this.shard = shard;
    this.targets = network.targets();
    this.recordedLimb = network.inputs().stream().filter(LimbLeads::isLimb).toList();
    long limb = recordedLimb.size() + targets.stream().filter(LimbLeads::isLimb).count();
    List<Lead> missing =
        Lead.INDEPENDENT.stream()
            .filter(
                lead ->
                    LimbLeads.isLimb(lead)
                        ? limb < 2
                        : !network.inputs().contains(lead) && !targets.contains(lead))
            .toList();
    if (!missing.isEmpty()) {
      throw new EvaluationException(
          "the classifier needs all twelve leads, and %s are neither recorded nor reconstructed: leave out --classifier"
              .formatted(Lead.names(missing)));
    }
  }

  /**
   * The samples of a record.
   *
   * @return eight leads of {@link Lead#INDEPENDENT}, one after the other, 1 µV
   */
  short[] samples(RecordTrace trace) {
    int length = shard.length(trace.index());
    short[] samples = new short[Lead.INDEPENDENT.size() * length];
    short[] row = new short[length];
    for (int k = 0; k < Lead.INDEPENDENT.size(); k++) {
      Lead lead = Lead.INDEPENDENT.get(k);
      if (targets.contains(lead)) {
        store(trace.reconstructed()[targets.indexOf(lead)], samples, k * length);
      } else if (LimbLeads.isLimb(lead) && follows(lead)) {
        store(derived(lead, trace), samples, k * length);
      } else {
        shard.copy(trace.index(), k, 0, row);
        System.arraycopy(row, 0, samples, k * length, length);
      }
    }
    return samples;
  }

  /** Whether a limb lead is neither recorded nor a target: one of each determines it. */
  private boolean follows(Lead lead) {
    return recordedLimb.size() == 1 && !recordedLimb.contains(lead);
  }

  private double[] derived(Lead lead, RecordTrace trace) {
    Lead recorded = recordedLimb.getFirst();
    Lead target = targets.stream().filter(LimbLeads::isLimb).findFirst().orElseThrow();
    float[][] stored = shard.millivolts(trace.index());
    float[] one =
        LimbLeads.derive(
            recorded,
            stored[Lead.INDEPENDENT.indexOf(Lead.I)],
            stored[Lead.INDEPENDENT.indexOf(Lead.II)]);
    double[] reconstructed = trace.reconstructed()[targets.indexOf(target)];
    float[] two = new float[one.length];
    for (int t = 0; t < two.length; t++) {
      two[t] = (float) reconstructed[t];
    }
    float[] result = LimbLeads.derive(lead, recorded, one, target, two);
    double[] values = new double[result.length];
    Arrays.setAll(values, t -> result[t]);
    return values;
  }

  private static void store(double[] millivolts, short[] samples, int at) {
    for (int t = 0; t < millivolts.length; t++) {
      double microvolts = Math.rint(MICROVOLT * millivolts[t]);
      samples[at + t] =
          (short)
              (Double.isNaN(microvolts)
                  ? INVALID
                  : Math.clamp(microvolts, -Short.MAX_VALUE, Short.MAX_VALUE));
    }
  }
}
