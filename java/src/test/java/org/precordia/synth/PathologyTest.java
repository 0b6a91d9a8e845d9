// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.synth.SyntheticCohort.Options;

/** Each pathology shows the signs by which it is read from a 12-lead ECG. */
class PathologyTest {
  private static final Map<Set<Pathology>, List<Beat>> BEATS = beats();

  /** A measurement on one beat of one recording. */
  private interface Measure {
    double of(Beat beat);
  }

  /** One beat, its levels relative to QRS onset. */
  private record Beat(Recording recording, Fiducials fiducials, int index) {
    double level(Lead lead, double seconds) {
      float[] signal = recording.signal(lead);
      return signal[sample(seconds)] - signal[sample(onset())];
    }

    double highest(Lead lead, double from, double to) {
      return IntStream.rangeClosed(sample(from), sample(to))
              .mapToDouble(t -> recording.signal(lead)[t])
              .max()
              .orElseThrow()
          - recording.signal(lead)[sample(onset())];
    }

    double lowest(Lead lead, double from, double to) {
      return IntStream.rangeClosed(sample(from), sample(to))
              .mapToDouble(t -> recording.signal(lead)[t])
              .min()
              .orElseThrow()
          - recording.signal(lead)[sample(onset())];
    }

    double onset() {
      return fiducials.qrsOnset()[index];
    }

    double j() {
      return fiducials.jPoint()[index];
    }

    double duration() {
      return fiducials.qrsDuration(index);
    }

    private int sample(double seconds) {
      return (int) Math.round(seconds * recording.rate());
    }
  }

  @Test
  void leftBundleBranchBlockWidensQrs() {
    assertEquals(0.090, median(Beat::duration), 0.012);
    assertTrue(median(Beat::duration, Pathology.CLBBB) > 0.130);
    assertTrue(share(Beat::duration, d -> d >= 0.120, Pathology.CLBBB) > 0.95);
    assertTrue(share(Beat::duration, d -> d < 0.120) > 0.97);
    // Recovery points away from the QRS: T is negative in V6 and positive in V1.
    Measure lateral = beat -> beat.level(Lead.V6, beat.j() + 0.200);
    assertTrue(median(lateral, Pathology.CLBBB) < -0.05);
    assertTrue(
        median(beat -> beat.lowest(Lead.V1, beat.onset(), beat.j()), Pathology.CLBBB) < -0.6);
    assertTrue(
        median(beat -> beat.highest(Lead.V6, beat.onset(), beat.j()), Pathology.CLBBB) > 0.5);
  }

  @Test
  void rightBundleBranchBlockGivesLateForcesTowardsV1() {
    Measure late = beat -> beat.highest(Lead.V1, beat.onset() + 0.070, beat.j());
    assertTrue(median(late, Pathology.CRBBB) > 0.35);
    assertTrue(median(late) < 0.10);
    assertTrue(median(Beat::duration, Pathology.CRBBB) > 0.125);
    Measure lateral = beat -> beat.lowest(Lead.V6, beat.onset() + 0.070, beat.j());
    assertTrue(median(lateral, Pathology.CRBBB) < median(lateral) - 0.15);
  }

  @Test
  void anteriorInfarctionLosesRInV2ToV4() {
    for (Lead lead : new Lead[] {Lead.V2, Lead.V3, Lead.V4}) {
      Measure r = beat -> beat.highest(lead, beat.onset(), beat.j());
      assertTrue(
          median(r, Pathology.AMI) < 0.5 * median(r),
          lead + ": " + median(r, Pathology.AMI) + " against " + median(r));
    }
    Measure q = beat -> beat.lowest(Lead.V3, beat.onset(), beat.onset() + 0.040);
    assertTrue(median(q, Pathology.AMI) < -0.3);
  }

  @Test
  void inferiorInfarctionHasQInInferiorLeads() {
    for (Lead lead : new Lead[] {Lead.II, Lead.III, Lead.AVF}) {
      Measure q = beat -> beat.lowest(lead, beat.onset(), beat.onset() + 0.040);
      assertTrue(
          median(q, Pathology.IMI) < median(q) - 0.12,
          lead + ": " + median(q, Pathology.IMI) + " against " + median(q));
      assertTrue(share(q, d -> d < -0.1, Pathology.IMI) > 0.75);
    }
  }

  @Test
  void hypertrophyRaisesSokolowLyon() {
    Measure sokolow =
        beat ->
            beat.highest(Lead.V5, beat.onset(), beat.j())
                - beat.lowest(Lead.V1, beat.onset(), beat.j());
    assertTrue(
        median(sokolow, Pathology.LVH) > 1.35 * median(sokolow),
        median(sokolow, Pathology.LVH) + " against " + median(sokolow));
  }

  @Test
  void stDepressionLowersTheSegmentAfterJ() {
    for (Lead lead : new Lead[] {Lead.II, Lead.V4, Lead.V5, Lead.V6}) {
      Measure st = beat -> beat.level(lead, beat.j() + 0.060);
      assertTrue(
          median(st, Pathology.STD_) < median(st) - 0.08,
          lead + ": " + median(st, Pathology.STD_) + " against " + median(st));
    }
    Measure v5 = beat -> beat.level(Lead.V5, beat.j() + 0.060);
    assertTrue(median(v5, Pathology.STD_) < -0.05);
    assertTrue(Math.abs(median(v5)) < 0.1);
  }

  @Test
  void normalHeartsLookNormal() {
    assertTrue(share(beat -> beat.highest(Lead.II, beat.onset(), beat.j()), r -> r > 0.2) > 0.9);
    assertTrue(share(beat -> beat.lowest(Lead.V1, beat.onset(), beat.j()), s -> s < -0.3) > 0.9);
    for (Lead lead : new Lead[] {Lead.I, Lead.II, Lead.V4, Lead.V5}) {
      Measure t = beat -> beat.level(lead, beat.fiducials().tPeak()[beat.index()]);
      assertTrue(share(t, level -> level > 0) > 0.9, lead + " has upright T waves");
    }
  }

  private static double share(Measure measure, DoublePredicate holds, Pathology... pathologies) {
    double[] values = values(measure, pathologies);
    return (double) Arrays.stream(values).filter(holds).count() / values.length;
  }

  private static double median(Measure measure, Pathology... pathologies) {
    double[] values = values(measure, pathologies);
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** The measure on one beat of every patient with exactly these pathologies. */
  private static double[] values(Measure measure, Pathology... pathologies) {
    List<Beat> beats = BEATS.getOrDefault(Set.of(pathologies), List.of());
    assertTrue(beats.size() >= 20, "too few patients: " + beats.size());
    return beats.stream().mapToDouble(measure::of).toArray();
  }

  /** One beat of every patient, by diagnosis. */
  private static Map<Set<Pathology>, List<Beat>> beats() {
    SyntheticCohort cohort =
        new SyntheticCohort(Options.of(900, 17).withNoise(0).withRate(250).withSeconds(4));
    return IntStream.range(0, cohort.size())
        .boxed()
        .collect(
            Collectors.groupingBy(
                cohort::pathologies,
                Collectors.mapping(i -> beat(cohort, i), Collectors.toList())));
  }

  /** The first beat that lies whole in the recording. */
  private static Beat beat(SyntheticCohort cohort, int index) {
    Fiducials fiducials = cohort.fiducials(index);
    int beat = 0;
    while (fiducials.qrsOnset()[beat] < 0.5) {
      beat++;
    }
    return new Beat(cohort.read(index), fiducials, beat);
  }
}
