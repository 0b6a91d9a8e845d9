// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.stream.IntStream;

/**
 * The two directions in which rows vary most: eigenvectors of their covariance, by Jacobi's
 * rotations (Golub &amp; Van Loan, Matrix Computations, section 8.5). The largest entry of a
 * direction is positive.
 */
final class PrincipalComponents {
  private static final int COMPONENTS = 2;
  private static final int MOST_SWEEPS = 60;
  private static final double TINY = 1e-24;

  private final double[] mean;
  private final double[][] axes = new double[COMPONENTS][];
  private final double[] explained = new double[COMPONENTS];

  /**
   * @param rows at least two, of at least two columns
   */
  PrincipalComponents(float[][] rows) {
    int n = rows[0].length;
    mean = new double[n];
    for (float[] row : rows) {
      for (int c = 0; c < n; c++) {
        mean[c] += (double) row[c] / rows.length;
      }
    }
    double[][] covariance = new double[n][n];
    double[] centred = new double[n];
    for (float[] row : rows) {
      for (int c = 0; c < n; c++) {
        centred[c] = row[c] - mean[c];
      }
      for (int a = 0; a < n; a++) {
        for (int b = 0; b <= a; b++) {
          covariance[a][b] += centred[a] * centred[b] / (rows.length - 1);
        }
      }
    }
    double trace = 0;
    for (int a = 0; a < n; a++) {
      trace += covariance[a][a];
      for (int b = 0; b < a; b++) {
        covariance[b][a] = covariance[a][b];
      }
    }
    double[][] vectors = diagonalise(covariance, trace);
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> Double.compare(covariance[b][b], covariance[a][a]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int k = 0; k < COMPONENTS; k++) {
      axes[k] = oriented(vectors, order[k]);
      explained[k] = covariance[order[k]][order[k]] / trace;
    }
  }

  /** Share of the variance along each direction. */
  double[] explained() {
    return explained.clone();
  }

  /** A row's places along the directions. */
  double[] project(float[] row) {
    double[] places = new double[COMPONENTS];
    for (int k = 0; k < COMPONENTS; k++) {
      for (int c = 0; c < mean.length; c++) {
        places[k] += (row[c] - mean[c]) * axes[k][c];
      }
    }
    return places;
  }

  double[] axis(int component) {
    return axes[component].clone();
  }

  private static double[] oriented(double[][] vectors, int column) {
    int n = vectors.length;
    double[] axis = new double[n];
    int largest = 0;
    for (int c = 0; c < n; c++) {
      axis[c] = vectors[c][column];
      largest = Math.abs(axis[c]) > Math.abs(axis[largest]) ? c : largest;
    }
    double sign = Math.signum(axis[largest]);
    for (int c = 0; c < n; c++) {
      axis[c] *= sign;
    }
    return axis;
  }

  /** Rotates a symmetric matrix until it is diagonal; its eigenvectors, by column. */
  private static double[][] diagonalise(double[][] a, double trace) {
    int n = a.length;
    double[][] vectors = new double[n][n];
    for (int i = 0; i < n; i++) {
      vectors[i][i] = 1;
    }
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      double off = 0;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          off += a[p][q] * a[p][q];
          if (a[p][q] * a[p][q] > TINY * trace * trace / n) {
            rotate(a, vectors, p, q);
          }
        }
      }
      if (off <= TINY * trace * trace) {
        break;
      }
    }
    return vectors;
  }

  private static void rotate(double[][] a, double[][] vectors, int p, int q) {
    double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
    double cosine = 1 / Math.hypot(1, tangent);
    double sine = tangent * cosine;
    for (int i = 0; i < a.length; i++) {
      double ip = a[i][p];
      a[i][p] = cosine * ip - sine * a[i][q];
      a[i][q] = sine * ip + cosine * a[i][q];
    }
    double[] rowP = a[p];
    double[] rowQ = a[q];
    for (int i = 0; i < a.length; i++) {
      double ip = rowP[i];
      rowP[i] = cosine * ip - sine * rowQ[i];
      rowQ[i] = sine * ip + cosine * rowQ[i];
      double vp = vectors[i][p];
      vectors[i][p] = cosine * vp - sine * vectors[i][q];
      vectors[i][q] = sine * vp + cosine * vectors[i][q];
    }
  }
}
