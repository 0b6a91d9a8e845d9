// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.Arrays;
import org.precordia.eval.Interval;
import org.precordia.eval.PatientBootstrap;
import org.precordia.model.NearestNeighbours;

/**
 * How often the five nearest records of a gallery tell a record's superclass: balanced accuracy,
 * with an interval over the queries' patients, the gallery being what it is.
 *
 * @param accuracy mean over superclasses of the share told right
 * @param interval null with fewer than 30 patients
 * @param classes superclasses among the queries; chance is their inverse
 */
public record SuperclassNeighbours(double accuracy, Interval interval, int classes) {
  /** Rows, a superclass each, and whose they are. */
  record Rows(float[][] values, int[] classes, int[] patients) {}

  static SuperclassNeighbours of(Rows gallery, Rows queries, PatientBootstrap bootstrap) {
    NearestNeighbours neighbours = new NearestNeighbours(gallery.values, gallery.classes);
    int[] told = Arrays.stream(queries.values).mapToInt(neighbours::vote).toArray();
    int classes = 1 + Arrays.stream(queries.classes).max().orElse(-1);
    int patients = 1 + Arrays.stream(queries.patients).max().orElse(-1);
    double[][] sums = new double[patients][2 * classes];
    for (int q = 0; q < told.length; q++) {
      int truth = queries.classes[q];
      sums[queries.patients[q]][2 * truth] += told[q] == truth ? 1 : 0;
      sums[queries.patients[q]][2 * truth + 1]++;
    }
    return new SuperclassNeighbours(
        NearestNeighbours.balancedAccuracy(queries.classes, told),
        bootstrap.interval(sums, SuperclassNeighbours::balanced),
        (int) Arrays.stream(queries.classes).distinct().count());
  }

  /** Over the superclasses that a resample holds. */
  private static double balanced(double[] sums) {
    double total = 0;
    int present = 0;
    for (int c = 0; c < sums.length; c += 2) {
      if (sums[c + 1] > 0) {
        total += sums[c] / sums[c + 1];
        present++;
      }
    }
    return total / present;
  }
}
