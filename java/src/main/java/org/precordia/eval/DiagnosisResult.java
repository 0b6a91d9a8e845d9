// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;
import java.util.Map;

/**
 * What a frozen classifier of superclasses makes of the recorded leads, and what of it is left when
 * missing leads come from each row.
 *
 * @param classes the superclasses
 * @param records records with a superclass; those without are left out
 * @param patients their patients
 * @param unlabelled records left out
 * @param members records of each class
 * @param thresholds threshold of each class; NaN where there is none
 * @param thresholdsFrom whose records the thresholds were chosen on
 * @param seen whether the classifier learned from records of this data set, so that only folds that
 *     it did not learn from tell anything
 * @param original on recorded leads
 * @param rows on leads completed by each row
 */
public record DiagnosisResult(
    List<String> classes,
    int records,
    int patients,
    int unlabelled,
    List<Integer> members,
    List<Double> thresholds,
    String thresholdsFrom,
    boolean seen,
    Scores original,
    Map<String, Scores> rows) {

  /**
   * A figure.
   *
   * @param value NaN where it is not defined
   * @param interval over patients; null below 30 of them
   */
  public record Figure(double value, Interval interval) {}

  /**
   * How well the classes are told apart.
   *
   * @param auc area under the ROC curve of each class; NaN where all records have it, or none
   * @param f1 F1 of each class at its threshold
   * @param macroAuc mean over classes that have one
   * @param macroF1 mean over classes that have one
   * @param aucKept macro AUC above chance (½), in percent of that on recorded leads
   * @param f1Kept macro F1, in percent of that on recorded leads
   */
  public record Scores(
      List<Figure> auc,
      List<Figure> f1,
      Figure macroAuc,
      Figure macroF1,
      Figure aucKept,
      Figure f1Kept) {}
}
