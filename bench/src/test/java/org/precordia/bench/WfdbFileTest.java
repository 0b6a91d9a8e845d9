// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.Lead;
import org.precordia.data.Wfdb;

/** What the benchmark writes is what Precordia reads, checksums included. */
class WfdbFileTest {
  /** More than two blocks of FLAC, and no multiple of any group. */
  private static final int LENGTH = 8197;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"16,16", "24,24", "32,24", "212,12", "310,10", "311,10", "516,16"})
  void isReadAsItWasWritten(int format, int bits) throws Exception {
    SplittableRandom random = new SplittableRandom(format);
    // The most negative value marks missing samples.
    int largest = (1 << bits - 1) - 1;
    int[][] samples = new int[2][LENGTH];
    for (int t = 0; t < LENGTH; t++) {
      samples[0][t] = random.nextInt(-largest, largest + 1);
      samples[1][t] = (int) (largest / 2 * Math.sin(0.01 * t));
    }
    Path record = WfdbFile.write(folder, format, 500, 100, List.of(Lead.I, Lead.V2), samples);
    assertArrayEquals(samples, Wfdb.readDigital(record).samples());
  }

  @Test
  void anUnknownFormatIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> WfdbFile.pack(61, new int[2]));
  }
}
