// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * WFDB records compressed as FLAC. An input has the header, the file's start, and frame after frame
 * without their checksums, which are put in here: behind them nothing would ever be reached.
 */
final class FlacFuzz extends ReaderFuzz {
  private static final int CRC8 = 0x07;
  private static final int CRC16 = 0x8005;

  FlacFuzz() {
    super("flac", "r.hea", "a.dat");
  }

  @Override
  List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    byte[] header = text("r 2 250\na.dat 516 100/mV\na.dat 516 1\n");
    byte[] described =
        text("r 2 250 48\na.dat 516x2 1 16 0 0 0 0 I\na.dat 516x2 1 16 0 0 0 0 V1\n");
    Random random = new Random(1);
    for (FlacWriter.Kind kind : FlacWriter.Kind.values()) {
      for (FlacWriter.Stereo stereo : FlacWriter.Stereo.values()) {
        long[][] samples = new long[2][48];
        for (long[] row : samples) {
          Arrays.setAll(row, t -> random.nextInt(2000) - 1000);
        }
        FlacWriter frame = new FlacWriter().frame(0, 16, samples, stereo, kind, kind.ordinal() % 3);
        byte[] start = new FlacWriter().begin(2, 16, 96).bytes();
        byte[] bare = bare(frame.bytes());
        seeds.add(join(seeds.size() % 2 == 0 ? header : described, start, bare, bare));
      }
    }
    byte[] one = text("r 1 250 48\na.dat 524 1 24 0 0 0 0 I\n");
    long[][] constant = {new long[48]};
    seeds.add(
        join(
            one,
            new FlacWriter().begin(1, 24, 0).bytes(),
            bare(
                new FlacWriter()
                    .frame(
                        0, 24, constant, FlacWriter.Stereo.INDEPENDENT, FlacWriter.Kind.VERBATIM, 0)
                    .bytes())));
    return seeds;
  }

  @Override
  List<String> words() {
    List<String> words = new ArrayList<>(WfdbFuzz.WORDS);
    words.add("fLaC");
    return words;
  }

  @Override
  List<byte[]> contents(List<byte[]> parts) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (int i = 1; i < parts.size(); i++) {
      byte[] part = parts.get(i);
      if (i == 1 || part.length < 5) {
        file.writeBytes(part);
        continue;
      }
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      int header = Math.min(part.length, headerBytes(part));
      frame.write(part, 0, header);
      frame.write(FlacWriter.crc(part, 0, header, 8, CRC8));
      frame.write(part, header, part.length - header);
      byte[] whole = frame.toByteArray();
      int sum = FlacWriter.crc(whole, 0, whole.length, 16, CRC16);
      file.writeBytes(whole);
      file.write(sum >> 8);
      file.write(sum);
    }
    return List.of(parts.getFirst(), file.toByteArray());
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    WfdbFuzz.exercise(reading, reading.folder().resolve("r"), scratch);
  }

  /** A frame without its checksums. */
  private static byte[] bare(byte[] frame) {
    int header = headerBytes(frame);
    return concatenate(
        Arrays.copyOf(frame, header), Arrays.copyOfRange(frame, header + 1, frame.length - 2));
  }

  /** Bytes of a frame's header before its checksum. */
  private static int headerBytes(byte[] frame) {
    int more = Math.max(0, Integer.numberOfLeadingZeros(~(frame[4] << 24)) - 1);
    int size = (frame[2] & 0xFF) >> 4;
    int rate = frame[2] & 0xF;
    return 5
        + more
        + (size == 6 ? 1 : size == 7 ? 2 : 0)
        + (rate == 12 ? 1 : rate == 13 || rate == 14 ? 2 : 0);
  }
}
