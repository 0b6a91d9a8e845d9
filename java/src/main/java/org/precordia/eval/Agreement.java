// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;

/**
 * Agreement of a measure in reconstructed and recorded leads, a pair a patient (Bland &amp; Altman
 * 1986), and how far it is drawn to its mean.
 *
 * @param patients number of pairs
 * @param bias mean of reconstructed − true
 * @param deviation standard deviation of the differences; NaN with fewer than two pairs
 * @param slope of the difference on the true value: 0 where it is kept, −1 where every patient gets
 *     the same
 * @param deviationRatio standard deviation of the reconstructed values over that of the true
 */
public record Agreement(
    int patients, double bias, double deviation, double slope, double deviationRatio) {
  private static final double NORMAL_QUANTILE = 1.96;

  /** The agreement of pairs. */
  public static Agreement of(PatientPairs pairs) {
    int n = pairs.size();
    double truth = Arrays.stream(pairs.truth()).average().orElse(Double.NaN);
    double bias = Arrays.stream(pairs.reconstructed()).average().orElse(Double.NaN) - truth;
    double differences = 0;
    double truths = 0;
    double both = 0;
    double reconstructed = 0;
    for (int i = 0; i < n; i++) {
      double d = pairs.difference(i) - bias;
      double t = pairs.truth()[i] - truth;
      differences += d * d;
      truths += t * t;
      both += d * t;
      reconstructed += (d + t) * (d + t);
    }
    return new Agreement(
        n,
        bias,
        n < 2 ? Double.NaN : Math.sqrt(differences / (n - 1)),
        both / truths,
        Math.sqrt(reconstructed / truths));
  }

  /** Whether there are patients enough for limits of agreement. */
  public boolean claimable() {
    return patients >= PatientBootstrap.FEWEST_PATIENTS;
  }

  /** Lower limit of agreement, within which 95 % of differences lie if they are normal. */
  public double low() {
    return bias - NORMAL_QUANTILE * deviation;
  }

  /** Upper limit of agreement. */
  public double high() {
    return bias + NORMAL_QUANTILE * deviation;
  }
}
