// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.Arrays;
import org.precordia.eval.Interval;
import org.precordia.eval.PatientBootstrap;

/**
 * Lower bound of the mutual information of h and one label on held-out records, in nats: I(h; Y) ≥
 * H(Y) − BCE, for any classifier of Y from h (Barber &amp; Agakov 2003). Negative where the
 * classifier says less than the label's frequency does.
 *
 * @param label the label
 * @param positives records that have it
 * @param entropy H(Y) of its frequency among the records
 * @param crossEntropy mean BCE of the classifier
 * @param interval of the bound; null with fewer than 30 patients
 */
public record InformationBound(
    String label, int positives, double entropy, double crossEntropy, Interval interval) {

  /**
   * @param has whether a record has the label
   * @param logits of the classifier, a record each
   * @param patients whose they are
   */
  static InformationBound of(
      String label, boolean[] has, double[] logits, int[] patients, PatientBootstrap bootstrap) {
    double[][] sums = new double[1 + Arrays.stream(patients).max().orElse(-1)][3];
    double[] all = new double[3];
    for (int i = 0; i < has.length; i++) {
      double[] one = {1, has[i] ? 1 : 0, crossEntropy(has[i], logits[i])};
      for (int s = 0; s < one.length; s++) {
        sums[patients[i]][s] += one[s];
        all[s] += one[s];
      }
    }
    return new InformationBound(
        label,
        (int) all[1],
        entropy(all[1] / all[0]),
        all[2] / all[0],
        bootstrap.interval(sums, s -> entropy(s[1] / s[0]) - s[2] / s[0]));
  }

  /** H(Y) − BCE. */
  public double bound() {
    return entropy - crossEntropy;
  }

  private static double crossEntropy(boolean has, double logit) {
    double softplus = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    return softplus - (has ? logit : 0);
  }

  private static double entropy(double share) {
    return term(share) + term(1 - share);
  }

  private static double term(double share) {
    return share > 0 ? -share * Math.log(share) : 0;
  }
}
