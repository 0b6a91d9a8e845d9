// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.Arrays;
import org.precordia.eval.Interval;
import org.precordia.eval.PatientBootstrap;
import org.precordia.model.NearestNeighbours;

/**
 * How well a description of records tells patients apart across different records of a patient.
 * Each record of a patient with several looks for the others: top-1 is the share whose nearest
 * record is the same patient's; AUC the probability that a record of the same patient is nearer
 * than one of another (½ where nothing of the patient is left), mean over such records.
 *
 * @param patients patients with several records
 * @param records their records
 * @param top1 share retrieved
 * @param top1Interval over patients; null where they are fewer than 30
 * @param chance of top-1
 * @param auc against all other patients' records
 * @param aucInterval likewise
 * @param aucWithin against those of other patients with the same superclasses, so that a diagnosis
 *     shared by a patient's records gains nothing
 * @param aucWithinInterval likewise
 */
public record IdentityProbe(
    int patients,
    int records,
    double top1,
    Interval top1Interval,
    double chance,
    double auc,
    Interval aucInterval,
    double aucWithin,
    Interval aucWithinInterval) {
  private static final int PROBES = 0;
  private static final int TOP1 = 1;
  private static final int CHANCE = 2;
  private static final int AUC = 3;
  private static final int WITHIN_PROBES = 4;
  private static final int WITHIN = 5;
  private static final int SUMS = 6;

  /**
   * @param rows compared by their distance
   * @param patients whose they are, numbered from 0
   * @param superclasses masks
   * @param seed of the resampling of patients
   */
  static IdentityProbe of(float[][] rows, int[] patients, int[] superclasses, long seed) {
    int[] counts = new int[1 + Arrays.stream(patients).max().orElse(-1)];
    for (int patient : patients) {
      counts[patient]++;
    }
    int[] numbers = new int[counts.length];
    int several = 0;
    for (int patient = 0; patient < counts.length; patient++) {
      numbers[patient] = counts[patient] > 1 ? several++ : -1;
    }
    double[][] sums = new double[several][SUMS];
    for (int i = 0; i < rows.length; i++) {
      if (numbers[patients[i]] >= 0) {
        probe(rows, patients, superclasses, i, sums[numbers[patients[i]]]);
      }
    }
    double[] all = new double[SUMS];
    for (double[] patient : sums) {
      Arrays.setAll(all, s -> all[s] + patient[s]);
    }
    PatientBootstrap bootstrap = new PatientBootstrap(several, PatientBootstrap.RESAMPLES, seed);
    return new IdentityProbe(
        several,
        (int) all[PROBES],
        all[TOP1] / all[PROBES],
        bootstrap.interval(sums, s -> s[TOP1] / s[PROBES]),
        all[CHANCE] / all[PROBES],
        all[AUC] / all[PROBES],
        bootstrap.interval(sums, s -> s[AUC] / s[PROBES]),
        all[WITHIN] / all[WITHIN_PROBES],
        bootstrap.interval(sums, s -> s[WITHIN] / s[WITHIN_PROBES]));
  }

  private static void probe(
      float[][] rows, int[] patients, int[] superclasses, int i, double[] sums) {
    double[] own = new double[rows.length];
    double[] others = new double[rows.length];
    double[] alike = new double[rows.length];
    int ownCount = 0;
    int otherCount = 0;
    int alikeCount = 0;
    for (int j = 0; j < rows.length; j++) {
      double distance = NearestNeighbours.squaredDistance(rows[i], rows[j]);
      if (patients[j] != patients[i]) {
        others[otherCount++] = distance;
        if (superclasses[j] == superclasses[i]) {
          alike[alikeCount++] = distance;
        }
      } else if (j != i) {
        own[ownCount++] = distance;
      }
    }
    own = Arrays.copyOf(own, ownCount);
    double nearest = Arrays.stream(own).min().orElseThrow();
    double nearestOther = Arrays.stream(others, 0, otherCount).min().orElse(nearest + 1);
    sums[PROBES]++;
    sums[TOP1] += nearest < nearestOther ? 1 : 0;
    sums[CHANCE] += ownCount / (double) (rows.length - 1);
    sums[AUC] += share(own, others, otherCount);
    if (alikeCount > 0) {
      sums[WITHIN_PROBES]++;
      sums[WITHIN] += share(own, alike, alikeCount);
    }
  }

  /** The share of pairs whose own distance is the smaller; equal ones count half. */
  private static double share(double[] own, double[] others, int count) {
    double nearer = 0;
    for (double distance : own) {
      for (int j = 0; j < count; j++) {
        nearer += distance < others[j] ? 1 : distance == others[j] ? 0.5 : 0;
      }
    }
    return nearer / ((double) own.length * count);
  }
}
