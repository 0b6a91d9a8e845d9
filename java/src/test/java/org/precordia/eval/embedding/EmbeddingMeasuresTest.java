// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.precordia.eval.PatientBootstrap;
import org.precordia.model.NearestNeighbours;

/** Measures of an embedding find what is planted, and nothing where there is nothing. */
class EmbeddingMeasuresTest {
  private static final int CLASSES = 5;
  private final Random random = new Random(3);

  /** Rows about an axis each, by class. */
  private float[][] clusters(int[] classes, double noise) {
    float[][] rows = new float[classes.length][8];
    for (int i = 0; i < rows.length; i++) {
      rows[i][classes[i]] = 1;
      for (int c = 0; c < rows[i].length; c++) {
        rows[i][c] += (float) (noise * random.nextGaussian());
      }
      NearestNeighbours.normalise(rows[i]);
    }
    return rows;
  }

  private int[] classes(int count) {
    return random.ints(count, 0, CLASSES).toArray();
  }

  private static int[] own(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static PatientBootstrap bootstrap(int patients) {
    return new PatientBootstrap(patients, 200, 1);
  }

  @Test
  void plantedClustersAreFoundAndShuffledOnesAreChance() {
    int[] known = classes(400);
    int[] asked = classes(500);
    float[][] gallery = clusters(known, 0.1);
    SuperclassNeighbours.Rows queries =
        new SuperclassNeighbours.Rows(clusters(asked, 0.1), asked, own(500));
    SuperclassNeighbours found =
        SuperclassNeighbours.of(
            new SuperclassNeighbours.Rows(gallery, known, own(400)), queries, bootstrap(500));
    assertEquals(1, found.accuracy(), 0);
    assertEquals(1, found.interval().low(), 0);
    assertEquals(CLASSES, found.classes());
    SuperclassNeighbours chance =
        SuperclassNeighbours.of(
            new SuperclassNeighbours.Rows(gallery, classes(400), own(400)),
            queries,
            bootstrap(500));
    assertEquals(1.0 / CLASSES, chance.accuracy(), 0.07);
    assertTrue(chance.interval().low() < chance.accuracy());
    assertTrue(chance.interval().high() > chance.accuracy());
  }

  @Test
  void fewPatientsHaveNoInterval() {
    int[] classes = classes(29);
    SuperclassNeighbours.Rows rows =
        new SuperclassNeighbours.Rows(clusters(classes, 0.1), classes, own(29));
    assertNull(SuperclassNeighbours.of(rows, rows, bootstrap(29)).interval());
  }

  @Test
  void theGapOfOrthogonalClustersIsOne() {
    int[] classes = classes(60);
    CosineGap gap = CosineGap.of(clusters(classes, 0), own(60), (i, j) -> classes[i] == classes[j]);
    assertEquals(1, gap.gap(), 1e-6);
    assertEquals(60 * 59 / 2, gap.positives() + gap.negatives());
    int[] one = new int[60];
    assertEquals(0, CosineGap.of(clusters(classes, 0), one, (i, j) -> true).positives());
  }

  @Test
  void aPerfectClassifierBoundsTheInformationByTheEntropy() {
    boolean[] has = new boolean[100];
    double[] logits = new double[100];
    for (int i = 0; i < 100; i++) {
      has[i] = i < 30;
      logits[i] = has[i] ? 60 : -60;
    }
    InformationBound bound = InformationBound.of("MI", has, logits, own(100), bootstrap(100));
    double entropy = -0.3 * Math.log(0.3) - 0.7 * Math.log(0.7);
    assertEquals(entropy, bound.entropy(), 1e-12);
    assertEquals(entropy, bound.bound(), 1e-12);
    assertEquals(30, bound.positives());
    assertTrue(bound.interval().low() < entropy && entropy < bound.interval().high());
  }

  @Test
  void aConstantClassifierBoundsItByNothingAndAWrongOneByLess() {
    boolean[] has = new boolean[100];
    double[] frequency = new double[100];
    double[] wrong = new double[100];
    for (int i = 0; i < 100; i++) {
      has[i] = i < 30;
      frequency[i] = Math.log(0.3 / 0.7);
      wrong[i] = has[i] ? -2 : 2;
    }
    assertEquals(
        0, InformationBound.of("a", has, frequency, own(100), bootstrap(9)).bound(), 1e-12);
    assertTrue(InformationBound.of("a", has, wrong, own(100), bootstrap(9)).bound() < -1);
  }

  @Test
  void identityIsFoundWherePlantedAndNowhereElse() {
    int patients = 200;
    int[] whose = IntStream.range(0, 2 * patients).map(i -> i / 2).toArray();
    int[] masks = new int[whose.length];
    float[][] planted = new float[whose.length][16];
    float[][] nothing = new float[whose.length][16];
    for (int i = 0; i < whose.length; i++) {
      masks[i] = 1 << whose[i] % 3;
      for (int c = 0; c < 16; c++) {
        nothing[i][c] = (float) random.nextGaussian();
        planted[i][c] =
            i % 2 == 0
                ? (float) random.nextGaussian()
                : planted[i - 1][c] + (float) (0.01 * random.nextGaussian());
      }
    }
    IdentityProbe found = IdentityProbe.of(planted, whose, masks, 1);
    assertEquals(patients, found.patients());
    assertEquals(2 * patients, found.records());
    assertEquals(1, found.top1(), 0);
    assertEquals(1, found.auc(), 0);
    assertEquals(1.0 / (2 * patients - 1), found.chance(), 1e-12);
    IdentityProbe none = IdentityProbe.of(nothing, whose, masks, 1);
    assertTrue(none.top1() < 0.03);
    assertEquals(0.5, none.auc(), 0.06);
    assertEquals(0.5, none.aucWithin(), 0.06);
    assertNotNull(none.aucInterval());
  }

  @Test
  void aSharedDiagnosisIsNoIdentityWithinTheDiagnosis() {
    int patients = 300;
    int[] whose = IntStream.range(0, 2 * patients).map(i -> i / 2).toArray();
    int[] masks = IntStream.of(whose).map(patient -> 1 << patient % CLASSES).toArray();
    int[] classes = IntStream.of(whose).map(patient -> patient % CLASSES).toArray();
    IdentityProbe probe = IdentityProbe.of(clusters(classes, 0.05), whose, masks, 1);
    assertTrue(probe.auc() > 0.85, "the diagnosis sets others apart");
    assertEquals(0.5, probe.aucWithin(), 0.05);
  }

  /** Expected values: numpy.linalg.eigh of numpy.cov, float64. */
  @Test
  void principalComponentsAreThoseOfTheCovariance() {
    float[][] rows = {
      {2, 0, 1, 0.5f},
      {0, 1, -1, 2},
      {3, -1, 2, 0},
      {-2, 2, 0, 1},
      {1, 1, 1, -1},
      {-1, -3, 0.5f, 0.25f},
      {0.5f, 2, -2, 1}
    };
    PrincipalComponents components = new PrincipalComponents(rows);
    assertArrayEquals(
        new double[] {0.5611888865782695, 0.2898828872492621}, components.explained(), 1e-12);
    assertArrayEquals(
        new double[] {
          -0.5155053073759038, 0.6264952060615586, -0.5199935406772003, 0.2671418209549931
        },
        components.axis(0),
        1e-12);
    assertArrayEquals(
        new double[] {
          0.7434451912791827, 0.6644324208658592, 0.026797993496008744, -0.07141899754813621
        },
        components.axis(1),
        1e-12);
    assertArrayEquals(
        new double[] {1.7278419095240483, -0.034246247818902016},
        components.project(rows[1]),
        1e-12);
  }
}
