// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;
import org.precordia.data.Lead;

/**
 * Agreement of reconstructed with true amplitudes at lead II's R peaks, a pair a record (Bland
 * &amp; Altman 1986), and how far amplitudes are drawn to their mean.
 *
 * @param lead the target lead
 * @param records number of pairs
 * @param bias mean of reconstructed − true, mV
 * @param deviation standard deviation of the differences, mV; NaN with fewer than two pairs
 * @param slope of the difference on the true amplitude, mV/mV: 0 where amplitude is kept, −1 where
 *     every record gets the same
 * @param deviationRatio standard deviation of the reconstructed amplitudes over that of the true
 */
public record Agreement(
    Lead lead, int records, double bias, double deviation, double slope, double deviationRatio) {
  private static final double NORMAL_QUANTILE = 1.96;

  /** The agreement in one lead over those records that have an amplitude. */
  public static Agreement of(Lead lead, List<RecordResult> records) {
    List<RecordResult.Amplitude> pairs =
        records.stream()
            .filter(record -> record.amplitudes().containsKey(lead))
            .map(record -> record.amplitudes().get(lead))
            .toList();
    int n = pairs.size();
    double truth = mean(pairs.stream().mapToDouble(RecordResult.Amplitude::truth).toArray());
    double bias = mean(pairs.stream().mapToDouble(RecordResult.Amplitude::difference).toArray());
    double differences = 0;
    double truths = 0;
    double both = 0;
    double reconstructed = 0;
    for (RecordResult.Amplitude pair : pairs) {
      double d = pair.difference() - bias;
      double t = pair.truth() - truth;
      differences += d * d;
      truths += t * t;
      both += d * t;
      reconstructed += (d + t) * (d + t);
    }
    return new Agreement(
        lead,
        n,
        bias,
        n < 2 ? Double.NaN : Math.sqrt(differences / (n - 1)),
        both / truths,
        Math.sqrt(reconstructed / truths));
  }

  /** Lower limit of agreement, within which 95 % of differences lie if they are normal. */
  public double low() {
    return bias - NORMAL_QUANTILE * deviation;
  }

  /** Upper limit of agreement. */
  public double high() {
    return bias + NORMAL_QUANTILE * deviation;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
