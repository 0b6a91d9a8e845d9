// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a WFDB record that is stored in one piece, in blocks, so that a range of a long record
 * costs what the range is worth. Signals that are no lead are passed over.
 */
final class WfdbReader implements RecordReader {
  private final WfdbHeader header;
  private final List<SignalGroup> groups;

  WfdbReader(WfdbHeader header) throws DataException {
    this.header = header;
    this.groups = SignalGroup.of(header);
  }

  /** Frames in the record: the header's number, or else what the first file holds. */
  @Override
  public long frames() throws IOException {
    long frames = header.length() >= 0 ? header.length() : groups.getFirst().frames();
    if (frames == FlacSamples.UNKNOWN) {
      throw new DataException(
          header.file(),
          "neither the header nor the FLAC file says how long the record is",
          "write the number of samples into the record line");
    }
    if (frames == 0) {
      throw new DataException(
          groups.getFirst().file(), "holds no complete frame", PackedSamples.FETCH);
    }
    return frames;
  }

  /** Size of all signal files together. */
  long bytes() throws IOException {
    Set<Path> seen = new HashSet<>();
    long bytes = 0;
    for (SignalGroup group : groups) {
      bytes += seen.add(group.file()) ? group.size() : 0;
    }
    return bytes;
  }

  @Override
  public Recording read(long from, long to) throws IOException {
    long frames = frames();
    RecordReader.checkRange(header, from, to, frames);
    Map<Lead, Integer> leads = WfdbLeads.of(header);
    int perFrame = WfdbLeads.samplesPerFrame(header, leads);
    int length =
        Allocation.check(
            header.file(),
            bytes(),
            leads.size(),
            RecordReader.samples(header, to - from, perFrame));
    checkFiles(frames);
    float[][] output = new float[header.signals().size()][];
    leads.values().forEach(signal -> output[signal] = new float[length]);
    for (SignalGroup group : groups) {
      SampleSink[] sinks = new SampleSink[group.signals().size()];
      boolean wanted = false;
      for (int i = 0; i < sinks.length; i++) {
        float[] row = output[group.first() + i];
        if (row != null) {
          checkGain(group.signals().get(i));
          sinks[i] = new MillivoltSink(group, group.signals().get(i), from, row);
          wanted = true;
        }
      }
      if (wanted) {
        feed(group, from, to, frames, sinks);
      }
    }
    float[][] rows = leads.values().stream().map(i -> output[i]).toArray(float[][]::new);
    return new Recording(
        header.name(),
        RecordReader.rate(header, perFrame),
        List.copyOf(leads.keySet()),
        rows,
        header.comments(),
        WfdbLeads.origin(header, from));
  }

  /** Reads every signal as it is stored, leads and others, without moving skewed ones. */
  int[][] digital() throws IOException {
    long frames = frames();
    long perFrame =
        header.signals().stream().mapToLong(WfdbSignal::samplesPerFrame).max().orElse(1);
    Allocation.check(
        header.file(),
        bytes(),
        header.signals().size(),
        RecordReader.samples(header, frames, perFrame));
    checkFiles(frames);
    int[][] output = new int[header.signals().size()][];
    for (SignalGroup group : groups) {
      SampleSink[] sinks = new SampleSink[group.signals().size()];
      for (int i = 0; i < sinks.length; i++) {
        WfdbSignal signal = group.signals().get(i);
        int[] row = new int[(int) frames * signal.samplesPerFrame()];
        output[group.first() + i] = row;
        sinks[i] = new DigitalSink(group, signal, row);
      }
      feed(group, 0, frames, frames, sinks);
    }
    return output;
  }

  /** Finds files that are missing or too short before memory is taken for them. */
  private void checkFiles(long frames) throws IOException {
    for (SignalGroup group : groups) {
      group.check(frames);
    }
  }

  private void checkGain(WfdbSignal signal) throws DataException {
    // The largest difference of two numbers of 32 bits.
    if (!Amplitude.possible(0x1p32 / signal.gainPerMillivolt())) {
      throw new DataException(
          header.file(),
          signal.line(),
          "a gain of " + signal.gain() + "/" + signal.unit() + " makes voltages beyond all bounds",
          "correct the gain in the header");
    }
  }

  private static void feed(SignalGroup group, long from, long to, long frames, SampleSink[] sinks)
      throws IOException {
    int maxSkew = group.signals().stream().mapToInt(WfdbSignal::skew).max().orElse(0);
    long end = Math.min(frames, to + maxSkew);
    long start = group.format().differences() ? 0 : from;
    try (SampleBlocks source = group.open()) {
      int block = source.blockFrames();
      for (long frame = start; frame < end; frame += block) {
        int count = (int) Math.min(block, end - frame);
        source.read(frame, count);
        int column = source.first();
        for (int i = 0; i < sinks.length; i++) {
          if (sinks[i] != null) {
            sinks[i].accept(source.samples(), column, frame, count);
          }
          column += group.signals().get(i).samplesPerFrame();
        }
      }
    }
    for (SampleSink sink : sinks) {
      if (sink != null) {
        sink.verify(start == 0 && end == frames);
      }
    }
  }

  /** Keeps samples in millivolts, missing ones as NaN. */
  private static final class MillivoltSink extends SampleSink {
    private final float[] output;
    private final double millivolts;
    private final int baseline;

    MillivoltSink(SignalGroup group, WfdbSignal signal, long from, float[] output) {
      super(group, signal, from, output.length);
      this.output = output;
      this.millivolts = 1 / signal.gainPerMillivolt();
      this.baseline = signal.baseline();
      if (signal.skew() > 0) {
        Arrays.fill(output, Float.NaN);
      }
    }

    @Override
    void keep(int index, int sample) {
      output[index] = (float) (((double) sample - baseline) * millivolts);
    }

    @Override
    void keepMissing(int index) {
      output[index] = Float.NaN;
    }
  }

  /** Keeps samples as they are stored. */
  private static final class DigitalSink extends SampleSink {
    private final int[] output;

    DigitalSink(SignalGroup group, WfdbSignal signal, int[] output) {
      super(group, unskewed(signal), 0, output.length);
      this.output = output;
    }

    @Override
    void keep(int index, int sample) {
      output[index] = sample;
    }

    @Override
    void keepMissing(int index) {
      output[index] = DigitalRecord.MISSING;
    }

    private static WfdbSignal unskewed(WfdbSignal signal) {
      return signal.withStorage(signal.file(), signal.format(), 0, 0);
    }
  }
}
