// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.precordia.data.Lead;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationReport;
import org.precordia.data.PreparationSettings;
import org.precordia.data.RecordSource;
import org.precordia.data.Recording;
import org.precordia.data.Subject;

/**
 * Any number of records that cost next to nothing to make, so that what is measured is their
 * preparation: beats of one shape, with a rate, amplitudes and noise of each record's own. The
 * synthetic cohort, which is the same on every machine to the last bit, takes ten times as long.
 *
 * <p>Arguments: RECORDS TARGET BYTES-OF-A-FILE THREADS.
 */
final class QuickRecords implements RecordSource {
  private static final int SAMPLES = 1000;
  private static final int BEAT = 80;
  private static final int R_PEAK = 30;
  private static final List<String> CODES = List.of("NORM", "IMI", "NDT", "CLBBB", "LVH");
  private static final List<String> SUPERCLASSES = List.of("NORM", "MI", "STTC", "CD", "HYP");
  private static final float[] SHAPE = shape();

  private final int records;

  QuickRecords(int records) {
    this.records = records;
  }

  public static void main(String[] arguments) throws Exception {
    RecordSource source = new QuickRecords(Integer.parseInt(arguments[0]));
    PreparationReport report =
        Preparation.run(
            source,
            Path.of(arguments[1]),
            PreparationSettings.defaults()
                .withPartBytes(Long.parseLong(arguments[2]))
                .withThreads(Integer.parseInt(arguments[3])),
            (done, total, perSecond) -> {
              if (done % 50_000 == 0) {
                System.err.printf("%d of %d records, %.0f/s%n", done, total, perSecond);
              }
            });
    System.out.printf(
        "records %d%nduplicates %d%nseconds %.3f%n",
        report.records(), report.duplicates().size(), report.seconds());
  }

  private static float[] shape() {
    float[] shape = new float[BEAT];
    double[][] waves = {{-16, 2.5, 0.1}, {-3, 1, -0.1}, {0, 1.2, 1}, {3, 1.2, -0.25}, {26, 5, 0.3}};
    for (int t = 0; t < BEAT; t++) {
      for (double[] wave : waves) {
        double distance = (t - R_PEAK - wave[0]) / wave[1];
        shape[t] += (float) (wave[2] * Math.exp(-0.5 * distance * distance));
      }
    }
    return shape;
  }

  @Override
  public String name() {
    return "quick";
  }

  @Override
  public int size() {
    return records;
  }

  @Override
  public String id(int index) {
    return "q" + index;
  }

  @Override
  public Subject subject(int index) {
    int kind = Math.floorMod(index * 0x9E3779B1, CODES.size());
    int patient = index / 2;
    return new Subject(
        "p" + patient,
        patient % 10 + 1,
        20 + patient % 70,
        Subject.Sex.UNKNOWN,
        Map.of(CODES.get(kind), 100.0),
        Set.of(SUPERCLASSES.get(kind)),
        true);
  }

  @Override
  public Recording read(int index) {
    SplittableRandom random = new SplittableRandom(index);
    float[][] rows = new float[Lead.INDEPENDENT.size()][SAMPLES];
    double interval = 60 + 50 * random.nextDouble();
    float[] heights = new float[rows.length];
    for (int lead = 0; lead < rows.length; lead++) {
      heights[lead] = (float) (0.3 + 1.2 * random.nextDouble());
      long bits = 0;
      for (int t = 0; t < SAMPLES; t++) {
        bits = t % 4 == 0 ? random.nextLong() : bits >>> 16;
        rows[lead][t] = (short) bits * 1e-6f;
      }
    }
    double next = -BEAT + interval * random.nextDouble();
    while (next < SAMPLES) {
      int from = (int) next;
      for (int lead = 0; lead < rows.length; lead++) {
        for (int t = Math.max(0, -from); t < Math.min(BEAT, SAMPLES - from); t++) {
          rows[lead][from + t] += heights[lead] * SHAPE[t];
        }
      }
      next += interval + 8 * random.nextDouble();
    }
    return new Recording(id(index), 100, Lead.INDEPENDENT, rows, List.of());
  }
}
