// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the search for copies with the comparison of all records with all. */
class DuplicateFinderTest {
  private static final int WIDTH = 32;
  private static final double LIMIT = 0.64;

  /** Vectors of unit variance, some of them near an earlier one: just inside, just outside. */
  private static List<float[]> vectors(int count, double share, long seed) {
    Random random = new Random(seed);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[WIDTH];
      if (i > 0 && random.nextDouble() < share) {
        float[] near = vectors.get(random.nextInt(i));
        double[] direction = random.doubles(WIDTH, -1, 1).toArray();
        // Sometimes along few components, so that one half of the vector has all of it.
        int components = random.nextInt(3) == 0 ? 2 : WIDTH;
        double squares = 0;
        for (int k = 0; k < components; k++) {
          squares += direction[k] * direction[k];
        }
        double distance = Math.sqrt(LIMIT) * List.of(0.0, 0.5, 0.99, 1.01).get(random.nextInt(4));
        for (int k = 0; k < WIDTH; k++) {
          double step = k < components ? distance * direction[k] / Math.sqrt(squares) : 0;
          vector[k] = (float) (near[k] + step);
        }
      } else {
        for (int k = 0; k < WIDTH; k++) {
          vector[k] = (float) random.nextGaussian();
        }
      }
      vectors.add(vector);
    }
    return vectors;
  }

  /** Record to the first one that it repeats, directly or through others. */
  private static TreeMap<Integer, Integer> bruteForce(List<float[]> vectors) {
    int[] first = new int[vectors.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = i;
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = 0; i < first.length; i++) {
        for (int j = 0; j < i; j++) {
          double sum = 0;
          for (int k = 0; k < WIDTH; k++) {
            double difference = vectors.get(i)[k] - vectors.get(j)[k];
            sum += difference * difference;
          }
          if (sum <= LIMIT && first[i] != first[j]) {
            int smaller = Math.min(first[i], first[j]);
            first[i] = smaller;
            first[j] = smaller;
            changed = true;
          }
        }
      }
    }
    TreeMap<Integer, Integer> result = new TreeMap<>();
    for (int i = 0; i < first.length; i++) {
      if (first[i] != i) {
        result.put(10 * i, 10 * first[i]);
      }
    }
    return result;
  }

  private static TreeMap<Integer, Integer> found(List<float[]> vectors) {
    DuplicateFinder finder = new DuplicateFinder();
    for (int i = 0; i < vectors.size(); i++) {
      finder.add(10 * i, vectors.get(i));
      finder.add(10 * i + 1, null);
    }
    TreeMap<Integer, Integer> result = new TreeMap<>();
    int last = -1;
    for (DuplicateFinder.Pair pair : finder.find()) {
      assertTrue(pair.record() > last, "ascending");
      last = pair.record();
      result.put(pair.record(), pair.of());
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({"0,0,1", "1,0,1", "2,1,1", "7,0.5,2", "60,0.9,3", "700,0.3,4", "900,0.05,5"})
  void findsWhatComparingAllWithAllFinds(int count, double share, long seed) {
    for (int repeat = 0; repeat < 3; repeat++) {
      List<float[]> vectors = vectors(count, share, seed + 100 * repeat);
      assertEquals(bruteForce(vectors), found(vectors));
    }
  }

  @Test
  void pairsOnTheBordersOfManyCellsAreFound() {
    Random random = new Random(6);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      float[] vector = new float[WIDTH];
      for (int k = 0; k < WIDTH; k++) {
        vector[k] = (float) (0.08 * random.nextGaussian());
      }
      vectors.add(vector);
    }
    assertEquals(bruteForce(vectors), found(vectors));
  }

  @Test
  void fewOfManyVectorsAreComparedInAMomentAndAllCopiesFound() {
    int count = 60_000;
    List<float[]> vectors = vectors(count, 0, 7);
    for (int i = 0; i < 100; i++) {
      vectors.add(vectors.get(i * 100).clone());
    }
    TreeMap<Integer, Integer> expected = new TreeMap<>();
    for (int i = 0; i < 100; i++) {
      expected.put(10 * (count + i), 1000 * i);
    }
    assertEquals(expected, found(vectors));
  }
}
