// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Arrays;
import java.util.TreeMap;

/**
 * Classes by the five nearest of a gallery, at Euclidean distance; between rows of length 1 that
 * ranks as cosine similarity does. Rows are not copied: they must not change meanwhile.
 */
public final class NearestNeighbours {
  /** Neighbours that vote. */
  public static final int NEIGHBOURS = 5;

  private static final double SMALLEST_LENGTH = 1e-12;

  private final float[][] gallery;
  private final int[] classes;

  /**
   * @param gallery rows whose class is known
   * @param classes a class a row
   * @throws IllegalArgumentException if there are fewer rows than neighbours, or not as many
   *     classes
   */
  public NearestNeighbours(float[][] gallery, int[] classes) {
    if (gallery.length < NEIGHBOURS || gallery.length != classes.length) {
      throw new IllegalArgumentException(
          "%d rows and %d classes; as many are needed, and at least %d"
              .formatted(gallery.length, classes.length, NEIGHBOURS));
    }
    this.gallery = gallery;
    this.classes = classes;
  }

  /**
   * The class most common among the nearest; of equally common ones that with the smaller sum of
   * squared distances.
   */
  public int vote(float[] query) {
    int[] nearest = new int[NEIGHBOURS];
    double[] distances = new double[NEIGHBOURS];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int g = 0; g < gallery.length; g++) {
      double distance = squaredDistance(gallery[g], query);
      int place = NEIGHBOURS;
      while (place > 0 && distance < distances[place - 1]) {
        place--;
      }
      if (place < NEIGHBOURS) {
        System.arraycopy(distances, place, distances, place + 1, NEIGHBOURS - 1 - place);
        System.arraycopy(nearest, place, nearest, place + 1, NEIGHBOURS - 1 - place);
        distances[place] = distance;
        nearest[place] = g;
      }
    }
    TreeMap<Integer, double[]> votes = new TreeMap<>();
    for (int i = 0; i < NEIGHBOURS; i++) {
      double[] vote = votes.computeIfAbsent(classes[nearest[i]], c -> new double[2]);
      vote[0]++;
      vote[1] += distances[i];
    }
    return votes.entrySet().stream()
        .max(
            (a, b) -> {
              int byCount = Double.compare(a.getValue()[0], b.getValue()[0]);
              return byCount != 0 ? byCount : Double.compare(b.getValue()[1], a.getValue()[1]);
            })
        .orElseThrow()
        .getKey();
  }

  /** Squared Euclidean distance of two rows; 2 − 2 cos between rows of length 1. */
  public static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int c = 0; c < a.length; c++) {
      double apart = a[c] - b[c];
      sum += apart * apart;
    }
    return sum;
  }

  /** Scales a row to length 1; one of zeros stays. */
  public static void normalise(float[] row) {
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    float scale = (float) (1 / Math.max(Math.sqrt(squares), SMALLEST_LENGTH));
    for (int i = 0; i < row.length; i++) {
      row[i] *= scale;
    }
  }

  /** Mean over classes of the share of each class's queries that were told right. */
  public static double balancedAccuracy(int[] truth, int[] told) {
    TreeMap<Integer, int[]> hits = new TreeMap<>();
    for (int q = 0; q < truth.length; q++) {
      int[] count = hits.computeIfAbsent(truth[q], c -> new int[2]);
      count[0] += told[q] == truth[q] ? 1 : 0;
      count[1]++;
    }
    return hits.values().stream()
        .mapToDouble(c -> c[0] / (double) c[1])
        .average()
        .orElse(Double.NaN);
  }
}
