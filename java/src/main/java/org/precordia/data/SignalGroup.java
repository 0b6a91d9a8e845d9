// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Signals of a WFDB record that share a file, sample by sample in turn.
 *
 * @param header the record's header
 * @param file the signal file, inside the header's folder
 * @param format how its samples lie in bytes
 * @param first index of the first signal among the header's
 * @param signals the signals in order
 * @param frameSize samples of a frame, of all signals together
 */
record SignalGroup(
    WfdbHeader header,
    Path file,
    SampleFormat format,
    int first,
    List<WfdbSignal> signals,
    int frameSize) {

  /**
   * The files of a record in the header's order.
   *
   * @throws DataException when one lies outside the header's folder, has an unknown format, or its
   *     signals contradict each other
   */
  static List<SignalGroup> of(WfdbHeader header) throws DataException {
    List<SignalGroup> groups = new ArrayList<>();
    int start = 0;
    List<WfdbSignal> signals = header.signals();
    for (int i = 1; i <= signals.size(); i++) {
      if (i < signals.size() && signals.get(i).file().equals(signals.get(start).file())) {
        continue;
      }
      groups.add(of(header, start, signals.subList(start, i)));
      start = i;
    }
    return groups;
  }

  private static SignalGroup of(WfdbHeader header, int start, List<WfdbSignal> signals)
      throws DataException {
    WfdbSignal first = signals.getFirst();
    long frameSize = 0;
    for (WfdbSignal signal : signals) {
      if (signal.format() != first.format() || signal.byteOffset() != first.byteOffset()) {
        throw new DataException(
            header.file(),
            signal.line(),
            "signals in " + first.file() + " differ in format or offset",
            "correct the header");
      }
      frameSize += signal.samplesPerFrame();
    }
    if (frameSize > Integer.MAX_VALUE) {
      throw new DataException(
          header.file(),
          first.line(),
          "a frame of " + first.file() + " would hold " + frameSize + " samples",
          "correct the samples per frame in the header");
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
    Path file = locate(header, first.file(), first.line(), "signal file");
    return new SignalGroup(header, file, format, start, signals, (int) frameSize);
  }

  /**
   * A file that a header names, which must lie in the header's folder or below it.
   *
   * @param what what the file is, for the message
   */
  static Path locate(WfdbHeader header, String name, int line, String what) throws DataException {
    return FolderPath.inside(header.file().toAbsolutePath().getParent(), name)
        .orElseThrow(
            () ->
                new DataException(
                    header.file(),
                    line,
                    what + " \"" + name + "\" lies outside the header's folder",
                    "put header and signal file into one folder and name the file alone"));
  }

  /** Bytes of the file before its first sample. */
  long offset() {
    return signals.getFirst().byteOffset();
  }

  /** Size of the file. */
  long size() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          header.file(),
          signals.getFirst().line(),
          "signal file \"" + file.getFileName() + "\" is missing",
          "put it beside the header");
    }
    return Files.size(file);
  }

  /** Complete frames in the file. */
  long frames() throws IOException {
    if (format instanceof PackedFormat packed) {
      return packed.samplesIn(Math.max(0, size() - offset())) / frameSize;
    }
    size();
    try (FlacSamples flac = new FlacSamples(this)) {
      return flac.frames();
    }
  }

  /** Opens the file to decode it. */
  SampleBlocks open() throws IOException {
    return format instanceof PackedFormat packed
        ? new PackedSamples(this, packed)
        : new FlacSamples(this);
  }

  /**
   * Checks that the file is there and long enough.
   *
   * @param frames the record's length
   * @throws DataException when it is missing or cut short
   */
  void check(long frames) throws IOException {
    long held = frames();
    if (held >= frames) {
      return;
    }
    String described =
        format instanceof PackedFormat packed && frames < Integer.MAX_VALUE
            ? "%d bytes, the header describes %d"
                .formatted(size(), offset() + packed.bytes(frames * frameSize))
            : "%d frames, the header describes %d".formatted(held, frames);
    throw new DataException(file, "is cut short: " + described, PackedSamples.FETCH);
  }
}
