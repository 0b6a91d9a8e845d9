// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A source of recordings made in memory. */
final class MemorySource implements RecordSource {
  private final List<Recording> recordings = new ArrayList<>();
  private final List<Subject> subjects = new ArrayList<>();

  /** Something like an ECG: beats of another shape in every lead and noise, {@code [8]} leads. */
  static Recording beats(String name, double rate, int length, long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[8][length];
    for (float[] row : rows) {
      double height = 0.4 + random.nextDouble();
      double width = 0.012 + 0.01 * random.nextDouble();
      double next = random.nextDouble();
      for (int t = 0; t < length; t++) {
        double distance = t / rate - next;
        if (distance > 0.4) {
          next += 0.7 + 0.2 * random.nextDouble();
        }
        row[t] =
            (float)
                (height * Math.exp(-0.5 * distance * distance / (width * width))
                    + 0.01 * random.nextGaussian());
      }
    }
    return new Recording(name, rate, Lead.INDEPENDENT, rows, List.of());
  }

  MemorySource add(Recording recording) {
    return add(
        recording,
        new Subject(
            "patient of " + recording.name(),
            recordings.size() % 10 + 1,
            50,
            Subject.Sex.UNKNOWN,
            Map.of("NORM", 100.0),
            Set.of("NORM"),
            true));
  }

  MemorySource add(Recording recording, Subject subject) {
    recordings.add(recording);
    subjects.add(subject);
    return this;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public int size() {
    return recordings.size();
  }

  @Override
  public String id(int index) {
    return "record " + index;
  }

  @Override
  public Subject subject(int index) {
    return subjects.get(index);
  }

  @Override
  public Recording read(int index) throws IOException {
    Recording recording = recordings.get(index);
    if (recording == null) {
      throw new IOException("record " + index + " cannot be read");
    }
    return recording;
  }
}
