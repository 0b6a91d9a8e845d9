// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Writes a WFDB record: signal files first, then the header that names them. */
final class WfdbWriter {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

  /** A multiple of every format's group, so that a block ends where its last byte is its own. */
  private static final int BLOCK_SAMPLES = 3 << 16;

  private final WfdbHeader header;
  private final Samples samples;
  private final Path folder;
  private final int[] checksums;
  private final int[] initialValues;

  /** What is written, in ADC units. */
  @FunctionalInterface
  interface Samples {
    /**
     * A sample.
     *
     * @param signal index among the header's signals
     * @param sample counted from the record's first
     * @return {@link DigitalRecord#MISSING} for a missing one
     * @throws DataException when it does not fit the signal's format
     */
    int at(int signal, int sample) throws DataException;
  }

  /**
   * @param header describes what to write; its initial values and checksums are computed anew
   */
  WfdbWriter(WfdbHeader header, Samples samples, Path folder) {
    this.header = header;
    this.samples = samples;
    this.folder = folder;
    this.checksums = new int[header.signals().size()];
    this.initialValues = new int[header.signals().size()];
  }

  Path write() throws IOException {
    Path headerFile = folder.resolve(header.name() + ".hea");
    if (!NAME.matcher(header.name()).matches()) {
      throw new DataException(
          folder,
          "\"" + header.name() + "\" cannot name a WFDB record",
          "use letters, digits, hyphen and underscore");
    }
    if (header.signals().isEmpty() || header.length() <= 0) {
      throw new DataException(headerFile, "the recording is empty", "record something first");
    }
    List<AtomicFile> files = new ArrayList<>();
    try {
      // All are written before the first is put in place: a bad value leaves nothing behind.
      for (SignalGroup group : SignalGroup.of(in(folder))) {
        AtomicFile file = AtomicFile.create(group.file());
        files.add(file);
        writeSamples(group, (WritableFormat) group.format(), file);
      }
      for (AtomicFile file : files) {
        file.commit();
      }
    } finally {
      for (AtomicFile file : files) {
        file.close();
      }
    }
    AtomicFile.write(headerFile, text());
    return headerFile;
  }

  private WfdbHeader in(Path place) {
    return new WfdbHeader(
        place.resolve(header.name() + ".hea"),
        header.name(),
        header.rate(),
        header.length(),
        header.counter(),
        header.clock(),
        header.signals(),
        List.of(),
        header.comments());
  }

  /** Interleaves the signals block by block, so that a long record needs no second copy. */
  private void writeSamples(SignalGroup group, WritableFormat format, AtomicFile file)
      throws IOException {
    int frameSize = group.frameSize();
    // Whole groups of samples in every block but the last.
    int block = Math.max(1, BLOCK_SAMPLES / frameSize / format.group()) * format.group();
    int length = Math.toIntExact(header.length());
    int[] frames = new int[Math.min(block, length) * frameSize];
    byte[] bytes = new byte[Math.toIntExact(format.bytes(frames.length))];
    for (int from = 0; from < length; from += block) {
      int count = Math.min(block, length - from);
      int column = 0;
      for (int i = 0; i < group.signals().size(); i++) {
        int signal = group.first() + i;
        int perFrame = group.signals().get(i).samplesPerFrame();
        for (int t = 0; t < count * perFrame; t++) {
          int value = stored(format, signal, from * perFrame + t);
          frames[t / perFrame * frameSize + column + t % perFrame] = value;
          checksums[signal] += value;
          if (from + t == 0) {
            initialValues[signal] = value;
          }
        }
        column += perFrame;
      }
      format.encode(frames, count * frameSize, bytes);
      file.write(
          ByteBuffer.wrap(bytes, 0, Math.toIntExact(format.bytes((long) count * frameSize))));
    }
  }

  private int stored(WritableFormat format, int signal, int sample) throws DataException {
    int value = samples.at(signal, sample);
    if (value == DigitalRecord.MISSING) {
      return (int) format.missing();
    }
    if (Math.abs((long) value) > format.largest()) {
      throw new DataException(
          folder.resolve(header.name() + ".hea"),
          "signal %s has the value %d at sample %d, beyond %d bits"
              .formatted(header.signals().get(signal).description(), value, sample, format.bits()),
          "write it in a format of more bits");
    }
    return value;
  }

  private String text() {
    StringBuilder text = new StringBuilder(256);
    text.append(header.name()).append(' ').append(header.signals().size()).append(' ');
    text.append(number(header.rate())).append(header.counter());
    text.append(' ').append(header.length());
    if (!header.clock().isEmpty()) {
      text.append(' ').append(header.clock());
    }
    text.append('\n');
    for (int i = 0; i < header.signals().size(); i++) {
      line(text, header.signals().get(i), i);
    }
    for (String comment : header.comments()) {
      comment.lines().forEach(line -> text.append("# ").append(line.strip()).append('\n'));
    }
    return text.toString();
  }

  private void line(StringBuilder text, WfdbSignal signal, int index) {
    text.append(signal.file()).append(' ').append(signal.format());
    if (signal.samplesPerFrame() > 1) {
      text.append('x').append(signal.samplesPerFrame());
    }
    if (signal.skew() > 0) {
      text.append(':').append(signal.skew());
    }
    text.append(' ').append(number(signal.gain()));
    text.append('(').append(signal.baseline()).append(")/").append(signal.unit());
    text.append(' ').append(signal.adcResolution()).append(' ').append(signal.adcZero());
    text.append(' ').append(initialValues[index]).append(' ').append((short) checksums[index]);
    text.append(' ').append(signal.blockSize());
    if (!signal.description().isEmpty()) {
      text.append(' ').append(signal.description());
    }
    text.append('\n');
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** A signal line of a record that this program describes; samples decide the rest. */
  static WfdbSignal signal(String file, WritableFormat format, Wfdb.Scaling scaling, Lead lead) {
    return new WfdbSignal(
        file,
        format.code(),
        1,
        0,
        0,
        scaling.gain(),
        scaling.baseline(),
        "mV",
        format.bits(),
        0,
        OptionalInt.empty(),
        OptionalInt.empty(),
        0,
        lead.label(),
        0);
  }
}
