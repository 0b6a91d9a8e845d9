// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the leads of one WFDB record, in blocks, so that a range of a long record costs what the
 * range is worth. Signals that are no lead are passed over.
 */
final class WfdbReader {
  private static final int BLOCK_SAMPLES = 1 << 16;
  private static final String FETCH = "fetch the file again";

  private final WfdbHeader header;
  private final Path folder;

  WfdbReader(WfdbHeader header) {
    this.header = header;
    this.folder = header.file().toAbsolutePath().normalize().getParent();
  }

  /** Signals that share a file; {@code first} indexes the header's signals. */
  private record Group(Path file, SampleFormat format, int first, List<WfdbSignal> signals) {
    int samplesPerFrame() {
      return signals.stream().mapToInt(WfdbSignal::samplesPerFrame).sum();
    }
  }

  /** Frames in the record: the header's number, or else what the first lead's file holds. */
  long frames() throws IOException {
    if (header.length() >= 0) {
      return header.length();
    }
    Group group = groups().getFirst();
    long bytes;
    try (FileChannel channel = open(group)) {
      bytes = channel.size() - group.signals().getFirst().byteOffset();
    }
    long unit = group.format().bytes(group.format().group());
    long samples =
        bytes / unit * group.format().group()
            + (bytes % unit >= group.format().bytes(1) && bytes % unit > 0 ? 1 : 0);
    return samples / group.samplesPerFrame();
  }

  /**
   * Reads all leads between two frames. Reading the whole record also verifies the checksums.
   *
   * @throws IllegalArgumentException when the range is not inside the record
   */
  Recording read(long from, long to) throws IOException {
    long frames = frames();
    if (from < 0 || to < from || to > frames) {
      throw new IllegalArgumentException(
          header.name() + ": samples " + from + " to " + to + " of a record of " + frames);
    }
    Map<Lead, Integer> leads = leads();
    int samplesPerFrame = commonSamplesPerFrame(leads);
    long length = Math.multiplyExact(to - from, samplesPerFrame);
    if (length > Integer.MAX_VALUE - 8) {
      throw new DataException(
          header.file(),
          "the record has " + length + " samples a lead, too many to hold at once",
          "read it by range");
    }
    float[][] output = new float[header.signals().size()][];
    leads.values().forEach(signal -> output[signal] = new float[(int) length]);
    for (Group group : groups()) {
      boolean wanted = false;
      for (int i = 0; i < group.signals().size(); i++) {
        wanted |= output[group.first() + i] != null;
      }
      if (wanted) {
        readGroup(group, from, to, frames, output);
      }
    }
    float[][] rows = leads.values().stream().map(i -> output[i]).toArray(float[][]::new);
    return new Recording(
        header.name(),
        header.rate() * samplesPerFrame,
        List.copyOf(leads.keySet()),
        rows,
        header.comments());
  }

  /** The header's leads in its order, with the index of each one's signal. */
  private Map<Lead, Integer> leads() throws DataException {
    Map<Lead, Integer> byLead = new LinkedHashMap<>();
    for (int i = 0; i < header.signals().size(); i++) {
      WfdbSignal signal = header.signals().get(i);
      Lead lead = signal.lead().orElse(null);
      if (lead == null) {
        continue;
      }
      if (byLead.putIfAbsent(lead, i) != null) {
        throw new DataException(
            header.file(),
            signal.line(),
            "lead " + lead + " occurs twice",
            "rename or remove one of the two signals");
      }
      if (signal.millivoltsPerUnit().isEmpty()) {
        throw new DataException(
            header.file(),
            signal.line(),
            "lead " + lead + " has the unit \"" + signal.unit() + "\"",
            "correct the header: V, mV, uV and nV are understood");
      }
    }
    if (byLead.isEmpty()) {
      throw new DataException(
          header.file(),
          "none of its signals is an ECG lead: "
              + header.signals().stream().map(WfdbSignal::description).toList(),
          "name the signals I, II, III, aVR, aVL, aVF, V1 to V6, vx, vy or vz in the header");
    }
    return byLead;
  }

  private int commonSamplesPerFrame(Map<Lead, Integer> leads) throws DataException {
    int common = 0;
    for (int index : leads.values()) {
      WfdbSignal signal = header.signals().get(index);
      if (common != 0 && signal.samplesPerFrame() != common) {
        throw new DataException(
            header.file(),
            signal.line(),
            "leads are sampled at different rates",
            "convert the record to one rate, for example with xform");
      }
      common = signal.samplesPerFrame();
    }
    return common;
  }

  private List<Group> groups() throws DataException {
    List<Group> groups = new ArrayList<>();
    int start = 0;
    List<WfdbSignal> signals = header.signals();
    for (int i = 1; i <= signals.size(); i++) {
      if (i < signals.size() && signals.get(i).file().equals(signals.get(start).file())) {
        continue;
      }
      WfdbSignal first = signals.get(start);
      for (WfdbSignal other : signals.subList(start, i)) {
        if (other.format() != first.format() || other.byteOffset() != first.byteOffset()) {
          throw new DataException(
              header.file(),
              other.line(),
              "signals in " + first.file() + " differ in format or offset",
              "correct the header");
        }
      }
      SampleFormat format =
          SampleFormat.of(first.format())
              .orElseThrow(
                  () ->
                      new DataException(
                          header.file(),
                          first.line(),
                          "storage format " + first.format() + " is not known",
                          "convert the record to one of "
                              + SampleFormat.Known.list()
                              + ", for example with xform"));
      groups.add(new Group(locate(first), format, start, signals.subList(start, i)));
      start = i;
    }
    return groups;
  }

  private Path locate(WfdbSignal signal) throws DataException {
    Path file = folder.resolve(signal.file()).normalize();
    if (!file.startsWith(folder) || file.equals(folder)) {
      throw new DataException(
          header.file(),
          signal.line(),
          "signal file \"" + signal.file() + "\" lies outside the header's folder",
          "put header and signal file into one folder and name the file alone");
    }
    return file;
  }

  private FileChannel open(Group group) throws IOException {
    try {
      return FileChannel.open(group.file(), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new DataException(
          header.file(),
          group.signals().getFirst().line(),
          "signal file \"" + group.file().getFileName() + "\" is missing",
          "put it beside the header",
          e);
    }
  }

  private void readGroup(Group group, long from, long to, long frames, float[][] output)
      throws IOException {
    SampleFormat format = group.format();
    long offset = group.signals().getFirst().byteOffset();
    int frameSize = group.samplesPerFrame();
    boolean whole = from == 0 && to == frames;
    int maxSkew = group.signals().stream().mapToInt(WfdbSignal::skew).max().orElse(0);
    long end = Math.min(frames, to + maxSkew);
    SignalSink[] sinks = new SignalSink[group.signals().size()];
    for (int i = 0; i < sinks.length; i++) {
      sinks[i] =
          new SignalSink(group.signals().get(i), output[group.first() + i], format.missing(), from);
    }
    try (FileChannel channel = open(group)) {
      if (group.file().getFileName().toString().endsWith(".mat") && offset == MatlabHeader.BYTES) {
        MatlabHeader.check(group.file(), channel, frameSize, header.length());
      }
      long needed = offset + format.bytes(frames * frameSize);
      if (channel.size() < needed) {
        throw new DataException(
            group.file(),
            "is cut short: " + channel.size() + " bytes, the header describes " + needed,
            FETCH);
      }
      int blockFrames = Math.max(1, BLOCK_SAMPLES / frameSize);
      blockFrames = (int) Math.min(blockFrames, Math.max(1, end - from));
      int[] samples = new int[blockFrames * frameSize + format.group()];
      byte[] bytes = new byte[Math.toIntExact(format.bytes(samples.length))];
      for (long frame = from; frame < end; frame += blockFrames) {
        int count = (int) Math.min(blockFrames, end - frame);
        // A block starts where its first byte is its own.
        int lead = (int) (frame * frameSize % format.group());
        int wanted = count * frameSize + lead;
        int length = Math.toIntExact(format.bytes(wanted));
        long at = offset + format.bytes(frame * frameSize - lead);
        readFully(channel, ByteBuffer.wrap(bytes, 0, length), at, group.file());
        format.decode(bytes, wanted, samples);
        int column = lead;
        for (SignalSink sink : sinks) {
          sink.accept(samples, column, frameSize, frame, count);
          column += sink.signal.samplesPerFrame();
        }
      }
    }
    for (SignalSink sink : sinks) {
      if (sink.output != null) {
        sink.verify(whole && end == frames, group.file());
      }
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long position, Path file)
      throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new DataException(file, "became shorter while it was read", FETCH);
      }
      at += read;
    }
  }

  /** Takes one signal's samples out of interleaved blocks and turns them into millivolts. */
  private final class SignalSink {
    private final WfdbSignal signal;
    private final float[] output;
    private final int missing;
    private final long from;
    private final double millivolts;
    private int checksum;
    private Integer first;

    SignalSink(WfdbSignal signal, float[] output, int missing, long from) {
      this.signal = signal;
      this.output = output;
      this.missing = missing;
      this.from = from;
      this.millivolts = output == null ? 0 : 1 / signal.gainPerMillivolt();
      if (output != null && signal.skew() > 0) {
        Arrays.fill(output, Float.NaN);
      }
    }

    void accept(int[] samples, int column, int stride, long frame, int count) {
      if (output == null) {
        return;
      }
      int perFrame = signal.samplesPerFrame();
      if (frame == 0) {
        first = samples[column];
      }
      for (int f = 0; f < count; f++) {
        long target = (frame + f - signal.skew() - from) * perFrame;
        for (int k = 0; k < perFrame; k++) {
          int value = samples[column + f * stride + k];
          checksum += value;
          if (target >= 0 && target + k < output.length) {
            output[(int) target + k] =
                value == missing ? Float.NaN : (float) ((value - signal.baseline()) * millivolts);
          }
        }
      }
    }

    void verify(boolean whole, Path file) throws DataException {
      if (first != null
          && signal.initialValue().isPresent()
          && signal.initialValue().getAsInt() != first) {
        throw new DataException(
            header.file(),
            signal.line(),
            "the first sample of "
                + signal.description()
                + " is "
                + first
                + " in "
                + file.getFileName()
                + ", the header says "
                + signal.initialValue().getAsInt(),
            "put the header and the signal file of one record together");
      }
      if (whole
          && signal.checksum().isPresent()
          && signal.checksum().getAsInt() != (checksum & 0xFFFF)) {
        throw new DataException(
            header.file(),
            signal.line(),
            "the checksum of "
                + signal.description()
                + " in "
                + file.getFileName()
                + " is "
                + (short) checksum
                + ", the header says "
                + (short) signal.checksum().getAsInt(),
            FETCH);
      }
    }
  }
}
