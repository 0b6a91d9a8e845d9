// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;

/** Amplitudes at R peaks, and their agreement, against what was planted. */
class AgreementTest {
  private static final double RATE = 100;

  @Test
  void findsPlantedBiasSlopeAndSpread() {
    List<RecordResult> records = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      double truth = -1 + 0.04 * i;
      double noise = i % 2 == 0 ? 0.1 : -0.1;
      records.add(record(new RecordResult.Amplitude(truth, 0.6 * truth + 0.2 + noise)));
    }
    Agreement agreement = Agreement.of(Lead.V1, records);
    assertEquals(50, agreement.records());
    assertEquals(0.2 - 0.4 * (-1 + 0.04 * 24.5), agreement.bias(), 1e-12);
    assertEquals(-0.4, agreement.slope(), 0.01);
    assertTrue(agreement.deviationRatio() > 0.6 && agreement.deviationRatio() < 0.65);
    assertEquals(agreement.bias() + 1.96 * agreement.deviation(), agreement.high(), 1e-12);
  }

  @Test
  void recordsWithoutAmplitudesDoNotCount() {
    List<RecordResult> records = List.of(record(null), record(new RecordResult.Amplitude(1, 0.5)));
    Agreement agreement = Agreement.of(Lead.V1, records);
    assertEquals(1, agreement.records());
    assertEquals(-0.5, agreement.bias(), 0);
    assertTrue(Double.isNaN(agreement.deviation()));
  }

  @Test
  void amplitudesAreReadOverTheLevelBeforeThePeak() {
    double[] truth = new double[100];
    double[] made = new double[100];
    java.util.Arrays.fill(truth, 0.3);
    java.util.Arrays.fill(made, -0.1);
    for (int peak : new int[] {5, 40, 80}) {
      truth[peak] = 1.3;
      made[peak] = 0.7;
    }
    truth[74] = Double.NaN;
    RecordTrace trace = new RecordTrace(0, new double[][] {truth}, new double[][] {made});
    BeatAmplitudes.Reading reading =
        new BeatAmplitudes(List.of(Lead.V1), RATE).read(trace, new int[] {5, 40, 80});
    assertEquals(1, reading.beats(), "5 lies too early, 80 has no level");
    assertEquals(1.0, reading.amplitudes().get(Lead.V1).truth(), 1e-12);
    assertEquals(0.8, reading.amplitudes().get(Lead.V1).reconstructed(), 1e-12);
  }

  private static RecordResult record(RecordResult.Amplitude amplitude) {
    return new RecordResult(
        0,
        "r",
        "p",
        List.of(),
        1,
        Map.of(),
        amplitude == null ? 0 : 1,
        amplitude == null ? Map.of() : Map.of(Lead.V1, amplitude));
  }
}
