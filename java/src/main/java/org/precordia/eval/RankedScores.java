// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well scores tell the records of a class from the others: area under the ROC curve, which is
 * the share of pairs of a member and another record that are in order (Mann &amp; Whitney 1947;
 * equal scores count half), and F1 at a threshold. Records can count several times, as in a
 * bootstrap resample.
 */
final class RankedScores {
  private final double[] scores; // ascending
  private final boolean[] member;
  private final int[] order; // the record of each place

  /**
   * @param scores one a record
   * @param member whether each record belongs to the class
   */
  RankedScores(double[] scores, boolean[] member) {
    order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i]))
            .mapToInt(i -> i)
            .toArray();
    this.scores = IntStream.of(order).mapToDouble(i -> scores[i]).toArray();
    this.member = new boolean[order.length];
    for (int place = 0; place < order.length; place++) {
      this.member[place] = member[order[place]];
    }
  }

  /**
   * Area under the ROC curve.
   *
   * @param times how often each record counts
   * @return NaN when all records that count are members, or none is
   */
  double auc(int[] times) {
    double inOrder = 0;
    double members = 0;
    double others = 0;
    int begin = 0;
    while (begin < scores.length) {
      double equalMembers = 0;
      double equalOthers = 0;
      int end = begin;
      while (end < scores.length && scores[end] == scores[begin]) {
        if (member[end]) {
          equalMembers += times[order[end]];
        } else {
          equalOthers += times[order[end]];
        }
        end++;
      }
      inOrder += equalMembers * (others + equalOthers / 2);
      members += equalMembers;
      others += equalOthers;
      begin = end;
    }
    return inOrder / (members * others);
  }

  /**
   * F1 of calling members those whose score reaches a threshold.
   *
   * @return NaN where no record that counts is a member, or called one
   */
  double f1(double threshold, int[] times) {
    double hits = 0;
    double called = 0;
    double members = 0;
    for (int place = 0; place < scores.length; place++) {
      int count = times[order[place]];
      boolean calls = scores[place] >= threshold;
      called += calls ? count : 0;
      members += member[place] ? count : 0;
      hits += calls && member[place] ? count : 0;
    }
    return 2 * hits / (called + members);
  }

  /**
   * The threshold of the largest F1, halfway between two scores; of equal ones the highest.
   *
   * @return NaN without a member
   */
  double bestThreshold() {
    int members = 0;
    for (boolean one : member) {
      members += one ? 1 : 0;
    }
    double best = 0;
    double threshold = Double.NaN;
    int hits = 0;
    for (int place = scores.length - 1; place >= 0; place--) {
      hits += member[place] ? 1 : 0;
      double below = place > 0 ? scores[place - 1] : Math.min(0, scores[place]);
      double f1 = 2.0 * hits / (scores.length - place + members);
      boolean separates = place == 0 || below < scores[place];
      if (separates && f1 > best) {
        best = f1;
        threshold = (scores[place] + below) / 2;
      }
    }
    return threshold;
  }
}
