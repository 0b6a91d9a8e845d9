// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.interpretation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Predictor;

/**
 * Occlusion sensitivity (Zeiler &amp; Fergus 2014): a short patch of one input lead is replaced by
 * the line between its neighbours, and the change of each target lead is read. What is measured is
 * what the reconstruction owes to the patch's departure from that line; nothing is said of patches
 * that are straight.
 *
 * @param patch samples of a patch
 * @param hop samples from one patch to the next
 * @param change RMS change of a target over the window in mV, {@code [patch][input][target]}
 * @param waveform the same with h kept as it was without occlusion; {@code change} itself in a
 *     network without pathology branch
 */
public record Occlusion(int patch, int hop, double[][][] change, double[][][] waveform) {
  private static final double PATCH_SECONDS = 0.04;
  private static final double HOP_SECONDS = 0.02;

  /**
   * Occludes a window, patch by patch and lead by lead.
   *
   * @param window inputs in mV, [L, n]
   */
  static Occlusion of(Predictor predictor, float[] window) {
    NetworkConfig network = predictor.metadata().network();
    double rate = predictor.metadata().rate();
    int patch = (int) Math.max(1, Math.round(PATCH_SECONDS * rate));
    int hop = (int) Math.max(1, Math.round(HOP_SECONDS * rate));
    int leads = network.inputs().size();
    List<float[]> occluded = new ArrayList<>();
    int patches = 0;
    for (int start = 0; start + patch <= network.window(); start += hop) {
      for (int lead = 0; lead < leads; lead++) {
        occluded.add(occlude(window, leads, lead, start, patch));
      }
      patches++;
    }
    Predictor.Prediction whole = predictor.predict(window);
    float[] inputs = join(occluded);
    double[][][] change =
        changes(whole.millivolts(), predictor.predict(inputs).millivolts(), network, patches);
    if (!network.pathology()) {
      return new Occlusion(patch, hop, change, change);
    }
    float[] kept = join(Collections.nCopies(occluded.size(), whole.h()));
    return new Occlusion(
        patch,
        hop,
        change,
        changes(whole.millivolts(), predictor.predict(inputs, kept), network, patches));
  }

  /** A window whose lead runs straight from the sample before a patch to that behind it. */
  static float[] occlude(float[] window, int leads, int lead, int start, int patch) {
    float[] copy = window.clone();
    int length = window.length / leads;
    int before = Math.max(start - 1, 0);
    int behind = Math.min(start + patch, length - 1);
    // At the window's edge there is one neighbour, and the patch takes its level.
    float from = window[(start == 0 ? behind : before) * leads + lead];
    float to = window[(start + patch == length ? before : behind) * leads + lead];
    for (int t = start; t < start + patch; t++) {
      float share = (t - start + 1f) / (patch + 1);
      copy[t * leads + lead] = from + share * (to - from);
    }
    return copy;
  }

  private static float[] join(List<float[]> rows) {
    float[] joined = new float[rows.size() * rows.getFirst().length];
    for (int i = 0; i < rows.size(); i++) {
      float[] row = rows.get(i);
      System.arraycopy(row, 0, joined, i * row.length, row.length);
    }
    return joined;
  }

  private static double[][][] changes(
      float[] whole, float[] occluded, NetworkConfig network, int patches) {
    int inputs = network.inputs().size();
    int targets = network.targets().size();
    double[][][] changes = new double[patches][inputs][targets];
    for (int i = 0; i < patches * inputs; i++) {
      double[] sums = changes[i / inputs][i % inputs];
      for (int at = 0; at < whole.length; at++) {
        double apart = occluded[i * whole.length + at] - whole[at];
        sums[at % targets] += apart * apart;
      }
      Arrays.setAll(sums, t -> Math.sqrt(sums[t] / network.window()));
    }
    return changes;
  }

  /** Sensitivity of a target to an input: RMS change over patches, mV. */
  public double of(int input, int target) {
    return rms(change, input, target);
  }

  /** Which part of that remains when h is kept: 1 where all goes by the waveform branch. */
  public double waveformShare(int input, int target) {
    return rms(waveform, input, target) / rms(change, input, target);
  }

  private static double rms(double[][][] changes, int input, int target) {
    double squares = 0;
    for (double[][] patch : changes) {
      squares += patch[input][target] * patch[input][target];
    }
    return Math.sqrt(squares / changes.length);
  }

  /**
   * Sensitivity to each sample of an input: mean over the patches that cover it of the change, mean
   * over targets; mV.
   *
   * @param samples of the window
   */
  public double[] bySample(int input, int samples) {
    double[] sums = new double[samples];
    int[] counts = new int[samples];
    for (int p = 0; p < change.length; p++) {
      double mean = Arrays.stream(change[p][input]).average().orElse(0);
      for (int t = p * hop; t < p * hop + patch; t++) {
        sums[t] += mean;
        counts[t]++;
      }
    }
    Arrays.setAll(sums, t -> counts[t] == 0 ? 0 : sums[t] / counts[t]);
    return sums;
  }
}
