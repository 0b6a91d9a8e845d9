// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.precordia.synth.Fiducials;

/** Scores of the fiducials of many recordings. Beats are rows of moments in seconds. */
final class FiducialTable {
  /** Beats nearer to an edge are not compared, in seconds. */
  private static final double EDGE = 0.7;

  enum Kind {
    R,
    QRS_ONSET,
    J,
    T_PEAK,
    T_END
  }

  private final Map<Kind, FiducialScore> scores = new EnumMap<>(Kind.class);

  FiducialTable() {
    for (Kind kind : Kind.values()) {
      scores.put(kind, new FiducialScore());
    }
  }

  FiducialScore get(Kind kind) {
    return scores.get(kind);
  }

  static double[][] beats(Fiducials truth) {
    double[][] beats = new double[truth.beats()][];
    Arrays.setAll(
        beats,
        i ->
            new double[] {
              truth.rPeak()[i],
              truth.qrsOnset()[i],
              truth.jPoint()[i],
              truth.tPeak()[i],
              truth.tEnd()[i]
            });
    return beats;
  }

  static double[][] beats(List<BeatFiducials> found, double rate) {
    return found.stream()
        .map(
            b ->
                new double[] {
                  b.r() / rate, b.qrsOnset() / rate, b.j() / rate, b.tPeak() / rate, b.tEnd() / rate
                })
        .toArray(double[][]::new);
  }

  /** Compares the beats of a recording; the other fiducials only of those beats that were found. */
  void add(double[][] truth, double[][] found, double seconds) {
    boolean[] taken = new boolean[found.length];
    for (double[] beat : truth) {
      int match = nearest(beat[0], found, taken);
      double[] hit = match < 0 ? null : found[match];
      if (hit != null) {
        taken[match] = true;
      }
      if (beat[0] >= EDGE && beat[0] <= seconds - EDGE) {
        get(Kind.R).add(beat[0], hit == null ? Double.NaN : hit[0]);
        for (int k = 1; k < beat.length && hit != null; k++) {
          get(Kind.values()[k]).add(beat[k], hit[k]);
        }
      }
    }
    for (int i = 0; i < found.length; i++) {
      if (!taken[i] && found[i][0] >= EDGE && found[i][0] <= seconds - EDGE) {
        get(Kind.R).add(Double.NaN, found[i][0]);
      }
    }
  }

  private static int nearest(double moment, double[][] found, boolean[] taken) {
    int nearest = -1;
    double distance = FiducialScore.TOLERANCE;
    for (int i = 0; i < found.length; i++) {
      if (!taken[i] && Math.abs(found[i][0] - moment) <= distance) {
        nearest = i;
        distance = Math.abs(found[i][0] - moment);
      }
    }
    return nearest;
  }

  /** A line a kind. */
  List<String> lines(String name) {
    List<String> lines = new ArrayList<>();
    scores.forEach((kind, score) -> lines.add(name + " | " + kind + " | " + score));
    return lines;
  }
}
