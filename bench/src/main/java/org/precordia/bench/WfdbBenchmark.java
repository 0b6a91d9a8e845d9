// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.data.DigitalRecord;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;
import org.precordia.synth.SyntheticCohort;

/**
 * Reading a WFDB record by storage format: a synthetic minute of eight leads at 500 Hz in 10 bits,
 * decoded, its checksums verified. The rate counts bytes of the signal file, so formats of the same
 * samples are best compared by their times.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WfdbBenchmark {
  private static final double RATE = 500;
  private static final double SECONDS = 60;

  /** ADC units per mV, so that the leads stay within 10 bits. */
  private static final int GAIN = 50;

  private static final int LARGEST = 511;

  /** Storage format; 516 is FLAC of 16 bits. */
  @Param({"16", "24", "32", "212", "310", "311", "516"})
  public int format;

  private ScratchFolder folder;
  private Path record;
  private long fileBytes;

  /** Writes the record and makes sure that it is read as it was written. */
  @Setup
  public void prepare() throws IOException {
    int[][] samples = samples();
    folder = new ScratchFolder();
    record = WfdbFile.write(folder.path(), format, RATE, GAIN, Lead.INDEPENDENT, samples);
    fileBytes = Files.size(WfdbFile.signals(record));
    if (!Arrays.deepEquals(read().samples(), samples)) {
      throw new IllegalStateException("format %d is not read as written".formatted(format));
    }
  }

  private static int[][] samples() {
    Recording recording =
        new SyntheticCohort(SyntheticCohort.Options.of(1, 1).withRate(RATE).withSeconds(SECONDS))
            .read(0);
    int[][] samples = new int[Lead.INDEPENDENT.size()][recording.length()];
    for (int i = 0; i < samples.length; i++) {
      float[] millivolts =
          recording.millivolts()[recording.leads().indexOf(Lead.INDEPENDENT.get(i))];
      Arrays.setAll(
          samples[i], t -> Math.clamp(Math.round(GAIN * millivolts[t]), -LARGEST, LARGEST));
    }
    return samples;
  }

  private DigitalRecord read() throws IOException {
    return Wfdb.readDigital(record);
  }

  /** The whole record. */
  @Benchmark
  public DigitalRecord decode(ByteCounter counter) throws IOException {
    counter.bytes += fileBytes;
    return read();
  }

  /** Removes the record. */
  @TearDown
  public void close() throws IOException {
    folder.close();
  }
}
