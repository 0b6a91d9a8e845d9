// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.model.NearestNeighbours;
import org.precordia.model.RecordLeads;

/**
 * What h is held against: descriptions of a record that need no network. Invalid samples do not
 * count.
 */
final class InputFeatures {
  /** Stretch about an R peak that makes a beat, in seconds. */
  private static final double BEFORE = 0.3;

  private static final double BEHIND = 0.5;
  private static final double SMALLEST_RMS = 1e-4;

  private final Shard shard;
  private final List<Lead> inputs;

  InputFeatures(Shard shard, List<Lead> inputs) {
    this.shard = shard;
    this.inputs = inputs;
  }

  /** Logarithm of each input lead's RMS about its mean over the record, mV. */
  float[] logRms(ShardRecord record) {
    float[][] leads = RecordLeads.millivolts(shard, record.index(), inputs);
    float[] features = new float[leads.length];
    for (int i = 0; i < leads.length; i++) {
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (float value : leads[i]) {
        if (Float.isFinite(value)) {
          sum += value;
          squares += (double) value * value;
          count++;
        }
      }
      double variance = squares / count - sum * sum / count / count;
      features[i] = (float) Math.log(Math.sqrt(Math.max(variance, SMALLEST_RMS * SMALLEST_RMS)));
    }
    return features;
  }

  /**
   * The mean beat of the input leads about lead II's R peaks, one after the other, as a row of
   * length 1; zeros where there is no peak with a whole beat about it.
   */
  float[] meanBeat(ShardRecord record) {
    float[][] leads = RecordLeads.millivolts(shard, record.index(), inputs);
    int before = (int) Math.round(BEFORE * shard.rate());
    int length = before + (int) Math.round(BEHIND * shard.rate());
    float[] beat = new float[leads.length * length];
    for (int peak : record.rPeaks()) {
      int from = peak - before;
      if (from >= 0 && from + length <= record.length()) {
        for (int i = 0; i < beat.length; i++) {
          float value = leads[i / length][from + i % length];
          beat[i] += Float.isFinite(value) ? value : 0;
        }
      }
    }
    NearestNeighbours.normalise(beat);
    return beat;
  }

  /** Moves and scales columns so that those of the reference have mean 0 and deviation 1. */
  static void standardise(float[][] reference, float[][]... all) {
    for (int c = 0; c < reference[0].length; c++) {
      double sum = 0;
      double squares = 0;
      for (float[] row : reference) {
        sum += row[c];
        squares += (double) row[c] * row[c];
      }
      double mean = sum / reference.length;
      double deviation = Math.sqrt(Math.max(squares / reference.length - mean * mean, 1e-12));
      for (float[][] rows : all) {
        for (float[] row : rows) {
          row[c] = (float) ((row[c] - mean) / deviation);
        }
      }
    }
  }
}
