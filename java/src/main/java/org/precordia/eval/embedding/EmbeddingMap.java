// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.List;

/**
 * Records on the first two principal components of h.
 *
 * @param explained share of the variance along each
 * @param fittedOnGallery whether the components are the gallery's; else the queries' own
 * @param points records; the gallery's before the queries'
 */
public record EmbeddingMap(double[] explained, boolean fittedOnGallery, List<Point> points) {
  /**
   * One record.
   *
   * @param id identifier in the data set
   * @param superclass its only one, or empty where it has none or several
   * @param query whether it belongs to the fold that is evaluated
   */
  public record Point(String id, String superclass, boolean query, double x, double y) {}

  public EmbeddingMap {
    points = List.copyOf(points);
  }
}
