// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.data.Subject;
import org.precordia.synth.SyntheticCohort.Options;

class SyntheticCohortTest {
  private static final long GOLDEN_100_HZ = 2479668667L;
  private static final long GOLDEN_LAST = 3772657748L;
  private static final long GOLDEN_500_HZ = 2017984481L;

  /**
   * Pins a recording to the bit, so that another machine, JDK or a change of the code that alters
   * the cohort is noticed. A deliberate change of the cohort needs new figures here.
   */
  @Test
  void recordingIsTheSameEverywhere() {
    SyntheticCohort cohort = new SyntheticCohort(50, 2026);
    assertEquals(GOLDEN_100_HZ, checksum(cohort.read(4)));
    assertEquals(GOLDEN_LAST, checksum(cohort.read(49)));
    assertEquals(
        GOLDEN_500_HZ, checksum(new SyntheticCohort(Options.of(50, 2026).withRate(500)).read(4)));
  }

  @Test
  void readsTheSameInAnyOrderAndFromManyThreads() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(12, 1).withRecordsPerPatient(2));
    long[] forwards =
        IntStream.range(0, cohort.size()).mapToLong(i -> checksum(cohort.read(i))).toArray();
    long[] parallel =
        IntStream.range(0, cohort.size())
            .parallel()
            .mapToLong(i -> checksum(cohort.read(i)))
            .toArray();
    assertArrayEquals(forwards, parallel);
    assertEquals(forwards[17], checksum(new SyntheticCohort(cohort.options()).read(17)));
  }

  @Test
  void morePatientsLeaveEarlierOnesAsTheyWere() {
    SyntheticCohort few = new SyntheticCohort(20, 7);
    SyntheticCohort many = new SyntheticCohort(5000, 7);
    for (int i = 0; i < few.size(); i++) {
      assertEquals(few.subject(i), many.subject(i));
      assertEquals(few.id(i), many.id(i));
    }
    assertEquals(checksum(few.read(13)), checksum(many.read(13)));
  }

  @Test
  void patientsSeedsAndRecordingsDiffer() {
    Options options = Options.of(40, 3).withRecordsPerPatient(2);
    SyntheticCohort cohort = new SyntheticCohort(options);
    Set<Long> checksums = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < cohort.size(); i++) {
      checksums.add(checksum(cohort.read(i)));
      ids.add(cohort.id(i));
    }
    assertEquals(cohort.size(), checksums.size());
    assertEquals(cohort.size(), ids.size());
    assertNotEquals(
        checksum(new SyntheticCohort(40, 3).read(0)), checksum(new SyntheticCohort(40, 4).read(0)));
  }

  @Test
  void recordingsOfAPatientShareSubjectAndHeart() {
    SyntheticCohort cohort =
        new SyntheticCohort(Options.of(60, 5).withRecordsPerPatient(2).withNoise(0));
    double same = 0;
    double other = 0;
    for (int i = 0; i < cohort.size(); i += 2) {
      assertEquals(cohort.subject(i), cohort.subject(i + 1));
      double[] beat = amplitudesAtR(cohort, i);
      same += distance(beat, amplitudesAtR(cohort, i + 1));
      other += distance(beat, amplitudesAtR(cohort, (i + 3) % cohort.size()));
    }
    assertTrue(same < 0.25 * other, "same patient " + same + ", others " + other);
  }

  @Test
  void limbLeadsObeyEinthovenExactly() {
    SyntheticCohort cohort = new SyntheticCohort(10, 11);
    for (int i = 0; i < cohort.size(); i++) {
      Recording recording = cohort.read(i);
      assertEquals(Lead.TWELVE, recording.leads());
      assertEquals(1000, recording.length());
      for (int t = 0; t < recording.length(); t++) {
        float one = recording.signal(Lead.I)[t];
        float two = recording.signal(Lead.II)[t];
        assertTrue(two - one == recording.signal(Lead.III)[t]);
        assertTrue(-(one + two) / 2 == recording.signal(Lead.AVR)[t]);
        assertTrue(one - two / 2 == recording.signal(Lead.AVL)[t]);
        assertTrue(two - one / 2 == recording.signal(Lead.AVF)[t]);
      }
    }
  }

  @Test
  void independentLeadsHaveMicrovoltResolution() {
    Recording recording = new SyntheticCohort(3, 2).read(2);
    for (Lead lead : Lead.INDEPENDENT) {
      for (float value : recording.signal(lead)) {
        assertEquals((float) (Math.rint(value * 1000.0) / 1000), value);
      }
    }
  }

  @Test
  void diagnosesOccurAsOftenAsStated() {
    assertEquals(1, Diagnosis.ALL.stream().mapToDouble(Diagnosis::share).sum(), 1e-12);
    int patients = 20_000;
    SyntheticCohort cohort = new SyntheticCohort(patients, 1);
    int[] counts = new int[Diagnosis.ALL.size()];
    for (int i = 0; i < patients; i++) {
      Set<Pathology> pathologies = cohort.pathologies(i);
      for (int d = 0; d < counts.length; d++) {
        counts[d] += Diagnosis.ALL.get(d).pathologies().equals(pathologies) ? 1 : 0;
      }
    }
    for (int d = 0; d < counts.length; d++) {
      double share = Diagnosis.ALL.get(d).share();
      double deviation = Math.sqrt(share * (1 - share) / patients);
      assertEquals(
          share, (double) counts[d] / patients, 4 * deviation, Diagnosis.ALL.get(d).toString());
    }
  }

  @Test
  void labelsFollowFromPathologies() {
    SyntheticCohort cohort = new SyntheticCohort(300, 8);
    for (int i = 0; i < cohort.size(); i++) {
      Subject subject = cohort.subject(i);
      Set<Pathology> pathologies = cohort.pathologies(i);
      if (pathologies.isEmpty()) {
        assertEquals(Set.of("NORM"), subject.codes().keySet());
        assertEquals(Set.of("NORM"), subject.superclasses());
      } else {
        assertEquals(pathologies.size(), subject.codes().size());
        for (Pathology pathology : pathologies) {
          assertEquals(100.0, subject.codes().get(pathology.code()));
          assertTrue(subject.superclasses().contains(pathology.superclass()));
        }
      }
      assertTrue(subject.labelsVerbatim());
      assertTrue(subject.age() >= 18 && subject.age() <= 94);
    }
  }

  @Test
  void foldsAreBalancedAndKeepPatientsWhole() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(100, 9).withRecordsPerPatient(3));
    int[] counts = new int[11];
    for (int i = 0; i < cohort.size(); i++) {
      counts[cohort.subject(i).fold()]++;
    }
    assertEquals(0, counts[0]);
    assertTrue(Arrays.stream(counts, 1, 11).allMatch(count -> count == 30));
    Set<Integer> order = new HashSet<>();
    for (int block = 0; block < 10; block++) {
      order.add(cohort.subject(30 * block).fold());
    }
    assertTrue(order.size() > 3, "blocks of ten take the folds in different orders");
  }

  @Test
  void heartRatesAreThoseOfSinusRhythm() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(200, 4).withSeconds(30));
    double sum = 0;
    for (int i = 0; i < cohort.size(); i++) {
      double[] r = cohort.fiducials(i).rPeak();
      double mean = (r[r.length - 1] - r[0]) / (r.length - 1);
      double rate = 60 / mean;
      assertTrue(rate > 40 && rate < 135, "rate " + rate);
      double variability = 0;
      for (int beat = 1; beat < r.length; beat++) {
        double difference = r[beat] - r[beat - 1] - mean;
        variability += difference * difference;
      }
      double deviation = Math.sqrt(variability / (r.length - 1)) / mean;
      assertTrue(deviation > 0.003 && deviation < 0.10, "RR varies by " + deviation);
      sum += rate;
    }
    assertEquals(72, sum / cohort.size(), 4);
  }

  @Test
  void fiducialsLieAtTheWaves() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(80, 6).withRate(1000).withNoise(0));
    for (int i = 0; i < cohort.size(); i++) {
      Recording recording = cohort.read(i);
      Fiducials fiducials = cohort.fiducials(i);
      assertTrue(fiducials.beats() >= 6);
      for (int beat = 0; beat < fiducials.beats(); beat++) {
        double r = fiducials.rPeak()[beat];
        double onset = fiducials.qrsOnset()[beat];
        double j = fiducials.jPoint()[beat];
        double t = fiducials.tPeak()[beat];
        assertTrue(r >= 0 && r < 10);
        assertTrue(onset < r && r < j && j < t);
        double duration = fiducials.qrsDuration(beat);
        assertTrue(duration > 0.06 && duration < 0.20, "QRS " + duration);
        if (onset < 0.1 || t > 9.8) {
          continue;
        }
        double peak = size(recording, r);
        for (double s = onset; s < j; s += 0.001) {
          assertTrue(
              size(recording, s) <= peak * 1.02, cohort.id(i) + " has a larger QRS elsewhere");
        }
        assertTrue(size(recording, onset) < 0.25 * peak, cohort.id(i) + " onset inside the QRS");
      }
    }
  }

  @Test
  void rateChangesSamplingOnly() {
    Options options = Options.of(20, 12).withNoise(0);
    Recording slow = new SyntheticCohort(options.withRate(250)).read(5);
    Recording fast = new SyntheticCohort(options.withRate(1000)).read(5);
    assertEquals(4 * slow.length(), fast.length());
    for (Lead lead : Lead.INDEPENDENT) {
      for (int t = 0; t < slow.length(); t++) {
        // The stand-in for the anti-aliasing filter flattens the QRS a little at the lower rate.
        assertEquals(fast.signal(lead)[4 * t], slow.signal(lead)[t], 0.06);
      }
    }
    assertArrayEquals(
        new SyntheticCohort(options.withRate(250)).fiducials(5).rPeak(),
        new SyntheticCohort(options.withRate(1000)).fiducials(5).rPeak());
  }

  @Test
  void noiseCanBeScaled() {
    Options options = Options.of(5, 12);
    Recording clean = new SyntheticCohort(options.withNoise(0)).read(1);
    Recording usual = new SyntheticCohort(options).read(1);
    Recording noisy = new SyntheticCohort(options.withNoise(4)).read(1);
    double little = 0;
    double much = 0;
    for (int t = 0; t < clean.length(); t++) {
      little += Math.abs(usual.signal(Lead.V5)[t] - clean.signal(Lead.V5)[t]);
      much += Math.abs(noisy.signal(Lead.V5)[t] - clean.signal(Lead.V5)[t]);
    }
    assertTrue(little > 0);
    assertEquals(4, much / little, 0.1);
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    Options options = Options.of(1, 1);
    assertThrows(IllegalArgumentException.class, () -> Options.of(0, 1));
    assertThrows(IllegalArgumentException.class, () -> options.withRate(20));
    assertThrows(IllegalArgumentException.class, () -> options.withRate(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> options.withSeconds(0.5));
    assertThrows(IllegalArgumentException.class, () -> options.withNoise(-1));
    assertThrows(IllegalArgumentException.class, () -> options.withRecordsPerPatient(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Options.of(Integer.MAX_VALUE, 1).withRecordsPerPatient(2));
    SyntheticCohort cohort = new SyntheticCohort(options);
    assertThrows(IndexOutOfBoundsException.class, () -> cohort.read(1));
    assertThrows(IndexOutOfBoundsException.class, () -> cohort.subject(-1));
  }

  @Test
  void recordingsAndCohortSayThatTheyAreSynthetic() {
    SyntheticCohort cohort = new SyntheticCohort(2, 77);
    assertEquals("synthetic", cohort.name());
    assertTrue(cohort.notes().get(0).contains("no human ECG"));
    assertTrue(cohort.notes().get(0).contains("seed 77"));
    assertTrue(cohort.read(0).comments().get(0).contains("not a human ECG"));
  }

  private static double[] amplitudesAtR(SyntheticCohort cohort, int index) {
    Recording recording = cohort.read(index);
    int r = (int) Math.round(cohort.fiducials(index).rPeak()[3] * recording.rate());
    return Lead.INDEPENDENT.stream().mapToDouble(lead -> recording.signal(lead)[r]).toArray();
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  private static double size(Recording recording, double seconds) {
    int t = (int) Math.round(seconds * recording.rate());
    double power = 0;
    for (Lead lead : Lead.INDEPENDENT) {
      power += recording.signal(lead)[t] * recording.signal(lead)[t];
    }
    return Math.sqrt(power);
  }

  private static long checksum(Recording recording) {
    CRC32 crc = new CRC32();
    for (float[] row : recording.millivolts()) {
      for (float value : row) {
        int bits = Float.floatToRawIntBits(value);
        for (int shift = 0; shift < 32; shift += 8) {
          crc.update(bits >>> shift & 0xFF);
        }
      }
    }
    return crc.getValue();
  }
}
