// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** WFDB records in FLAC files: of {@link FlacWriter}, and of the reference encoder. */
class FlacTest {
  @TempDir Path folder;

  private void record(byte[] flac, String... header) throws IOException {
    Files.write(folder.resolve("r.flac"), flac);
    Files.write(folder.resolve("r.hea"), List.of(header));
  }

  private int[][] digital() throws IOException {
    return Wfdb.readDigital(folder.resolve("r")).samples();
  }

  private static int triangle(int t, int half) {
    int x = t % (2 * half);
    return x < half ? x : 2 * half - x;
  }

  /**
   * Numbers that flac 1.4.2 compressed at its highest level; the formulas are these files' sources.
   */
  @Test
  void filesOfTheReferenceEncoderAreRead() throws IOException {
    record(
        Base64.getDecoder()
            .decode(
                "ZkxhQ4AAACIAQABAAABNAABXF3AC8AAAAHiogWukeSg3ECzgECLpGqGn//hrqAA/xBQAAAAoDFMUeIhDrJJG"
                    + "tqXAH42HoyJDCGlhSAA1KlKwgVa50ZUjKkYABG9hIAAABYyvF0rwjlrS8uMR4TStCMWsNei6V4Ry1peW"
                    + "sh+TQBnb//hrqAE36RQCiAJhDE4TQ6Yo9LWuAEoRoWqsj4cXRklJABmFIRFcUNCRHWIS//kATQjFrDXp"
                    + "WTeEctaXlrIfpeuhGLWGvSsm6CdQwc8="),
        "r 2 100 120",
        "r.flac 516 1/mV 16 0",
        "r.flac 516 1/mV 16 0");
    int[][] read = digital();
    for (int t = 0; t < 120; t++) {
      assertEquals(triangle(t, 20) * 40 + t * t % 7, read[0][t]);
      assertEquals(triangle(t, 20) * 41 - t * t % 5, read[1][t]);
    }
    record(
        Base64.getDecoder()
            .decode(
                "ZkxhQ4AAACIQABAAAAAYAAAYF3AAcAAAACh0z2Ah/Vy+wfKFcxAQ/i0e//hrAgAnQxVx0AD/AB/wAP+AD/gA"
                    + "cP22"),
        "r 1 100",
        "r.flac 508 1/mV 8 0");
    int[] eight = digital()[0];
    assertEquals(40, eight.length);
    for (int t = 0; t < 40; t++) {
      assertEquals(triangle(t, 9) * 12 - 60, eight[t]);
    }
    record(
        Base64.getDecoder()
            .decode(
                "ZkxhQ4AAACIQABAAAAB0AAB0F3ABcAAAADx1+NlzLRPfo3RO2XkZLrXp//hrDAA7OxU7bCDhe4hJxPyKH0uq"
                    + "EVuJ7AHAAAAWqMAhAHwCUAbAKQEMAtAGQCcAdAIwCEAfsAkAAABaZQCkBDALQBkAnAHQCMAhAHwCUAbA"
                    + "KQEOwCwAAAFpnAJwB0AjAIQB8AlAGwCkBDALQBkAnAHAm8A="),
        "r 1 100 60",
        "r.flac 524 1/mV 24 0");
    int[] wide = digital()[0];
    for (int t = 0; t < 60; t++) {
      assertEquals(8 * (triangle(t, 15) * 50000 - 300000 + t * t * t % 11), wide[t]);
    }
  }

  private static long[][] random(Random random, int channels, int width, int count) {
    long[][] samples = new long[channels][count];
    for (int c = 0; c < channels; c++) {
      // A channel that wastes bits, one that is constant, others of full range or small.
      int shift = c % 4 == 1 ? 3 : 0;
      int bits = c % 4 == 3 ? Math.min(6, width) : width - shift;
      long constant = random.nextInt() >> 32 - width;
      for (int t = 0; t < count; t++) {
        samples[c][t] = c % 4 == 2 ? constant : (long) (random.nextInt() >> 32 - bits) << shift;
      }
    }
    return samples;
  }

  private static int[] joined(long[][][] blocks, int channel) {
    return Arrays.stream(blocks)
        .flatMapToInt(block -> Arrays.stream(block[channel]).mapToInt(v -> (int) v))
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"508, 8", "508, 5", "516, 16", "516, 12", "524, 24"})
  void everySubframeAndResidualIsDecoded(int format, int width) throws IOException {
    for (int channels : new int[] {1, 2, 8}) {
      Random random = new Random(width * 10L + channels);
      long[][][] blocks = new long[FlacWriter.Kind.values().length * 3][][];
      FlacWriter writer = new FlacWriter();
      int count = 96;
      writer.begin(channels, width, (long) count * blocks.length);
      for (int b = 0; b < blocks.length; b++) {
        FlacWriter.Kind kind = FlacWriter.Kind.values()[b / 3];
        blocks[b] = random(random, channels, width, count);
        writer.frame(120 + b, width, blocks[b], FlacWriter.Stereo.INDEPENDENT, kind, b % 3);
      }
      String[] header = new String[channels + 1];
      Arrays.fill(header, "r.flac " + format + " 1/mV 16 0");
      header[0] = "r " + channels + " 100";
      record(writer.bytes(), header);
      int[][] read = digital();
      int lowest = -1 << format - 501;
      for (int c = 0; c < channels; c++) {
        int[] wanted =
            Arrays.stream(joined(blocks, c))
                .map(v -> v == lowest ? DigitalRecord.MISSING : v)
                .toArray();
        assertArrayEquals(wanted, read[c], channels + " channels, channel " + c);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(FlacWriter.Stereo.class)
  void everyWayToCombineTwoChannelsIsUndone(FlacWriter.Stereo stereo) throws IOException {
    long[][] samples = random(new Random(7), 2, 16, 192);
    samples[0][5] = Short.MAX_VALUE;
    samples[1][5] = -Short.MAX_VALUE;
    samples[0][6] = -Short.MAX_VALUE;
    samples[1][6] = Short.MAX_VALUE;
    for (FlacWriter.Kind kind : FlacWriter.Kind.values()) {
      record(
          new FlacWriter().begin(2, 16, 192).frame(0, 16, samples, stereo, kind, 1).bytes(),
          "r 2 100",
          "r.flac 516 1/mV 16 0",
          "r.flac 516 1/mV 16 0");
      assertArrayEquals(joined(new long[][][] {samples}, 0), digital()[0]);
      assertArrayEquals(joined(new long[][][] {samples}, 1), digital()[1]);
    }
  }

  /** Two blocks of 96 samples of leads I and V1, two samples a frame. */
  static byte[] twoBlocks(long total) {
    long[][] first = random(new Random(1), 2, 16, 96);
    long[][] second = random(new Random(2), 2, 16, 96);
    return new FlacWriter()
        .begin(2, 16, total)
        .frame(0, 16, first, FlacWriter.Stereo.INDEPENDENT, FlacWriter.Kind.FIXED_2, 1)
        .frame(1, 16, second, FlacWriter.Stereo.MIDDLE_SIDE, FlacWriter.Kind.LINEAR, 0)
        .bytes();
  }

  @Test
  void rangesAndFramesOfSeveralSamplesAreRead() throws IOException {
    record(twoBlocks(192), "r 2 250 96", "r.flac 516x2 100 16 0", "r.flac 516x2 100 16 0");
    int[][] digital = digital();
    Files.write(
        folder.resolve("r.hea"),
        List.of(
            "r 2 250",
            "r.flac 516x2 100/mV 16 0 %d %d 0 I".formatted(digital[0][0], sum(digital[0])),
            "r.flac 516x2 100/mV 16 0 %d %d 0 V1".formatted(digital[1][0], sum(digital[1]))));
    Recording whole = Wfdb.read(folder.resolve("r"));
    assertEquals(500, whole.rate());
    assertEquals(192, whole.length());
    assertEquals("WFDB 516", whole.origin().format());
    for (int t = 0; t < 192; t++) {
      assertEquals((float) (digital[1][t] * 0.01), whole.signal(Lead.V1)[t]);
    }
    for (int from : new int[] {0, 1, 47, 48, 49, 95}) {
      Recording range = Wfdb.read(folder.resolve("r"), from, 96);
      assertArrayEquals(
          Arrays.copyOfRange(whole.signal(Lead.I), 2 * from, 192), range.signal(Lead.I));
    }
  }

  private static short sum(int[] samples) {
    return (short) Arrays.stream(samples).sum();
  }

  @Test
  void aFileThatDoesNotSayHowLongItIsNeedsAHeaderThatDoes() throws IOException {
    record(twoBlocks(0), "r 2 250 192", "r.flac 516 1 16 0", "r.flac 516 1 16 0");
    assertEquals(192, digital()[0].length);
    record(twoBlocks(0), "r 2 250", "r.flac 516 1 16 0", "r.flac 516 1 16 0");
    DataException e = assertThrows(DataException.class, this::digital);
    assertTrue(e.getMessage().contains("how long the record is"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r.flac 516 1 16 0 | 1 signals of 16 bits",
        "r.flac 508 1 16 0;r.flac 508 1 16 0 | signals of 8 bits at most",
        "r.flac 516+8 1 16 0;r.flac 516+8 1 16 0 | an offset",
        "r.flac 516x2 1 16 0;r.flac 516 1 16 0 | samples per frame",
        "r.flac 516x5000 1 16 0;r.flac 516x5000 1 16 0 | samples per frame",
        "r.flac 516 1 16 0;r.flac 516 1 16 0 0 0 0 I;x.flac 516 1 16 0 | missing"
      })
  void headersThatContradictTheFileAreRefused(String lines, String problem) throws IOException {
    String[] signals = lines.split(";");
    String header = "r " + signals.length + " 250 2\n" + String.join("\n", signals);
    record(twoBlocks(192), header.split("\n"));
    DataException e = assertThrows(DataException.class, this::digital);
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @Test
  void lengthsBeyondTheFileAreRefused() throws IOException {
    record(twoBlocks(192), "r 2 250 193", "r.flac 516 1 16 0", "r.flac 516 1 16 0");
    assertTrue(assertThrows(DataException.class, this::digital).getMessage().contains("cut short"));
    byte[] claims = twoBlocks((1L << 36) - 1);
    for (String length : List.of("", " 68719476735", " 400000000", " 193")) {
      record(claims, "r 2 250" + length, "r.flac 516 1 16 0", "r.flac 516 1 16 0");
      assertThrows(DataException.class, this::digital, length);
    }
  }

  @Test
  void everyTruncationAndEveryFlippedBitOfAFrameIsRefused() throws IOException {
    byte[] whole = twoBlocks(192);
    for (int length = 0; length < whole.length; length++) {
      record(Arrays.copyOf(whole, length), "r 2 250 192", "r.flac 516 1 16 0", "r.flac 516 1 16 0");
      assertThrows(DataException.class, this::digital, "cut to " + length);
    }
    int frames = 4 + 4 + 34 + 4 + 3;
    for (int bit = 8 * frames; bit < 8 * whole.length; bit++) {
      byte[] spoilt = whole.clone();
      spoilt[bit / 8] ^= (byte) (0x80 >> bit % 8);
      record(spoilt, "r 2 250 192", "r.flac 516 1 16 0", "r.flac 516 1 16 0");
      assertThrows(DataException.class, this::digital, "bit " + bit);
    }
  }
}
