// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;

/** Takes one signal's samples out of blocks of frames and verifies its first one and checksum. */
abstract class SampleSink {
  private final SignalGroup group;
  private final WfdbSignal signal;
  private final long missing;
  private final boolean differences;
  private final long from;
  private final int length;
  private int value;
  private int checksum;
  private Integer first;

  /**
   * @param from first frame wanted
   * @param length samples wanted
   */
  SampleSink(SignalGroup group, WfdbSignal signal, long from, int length) {
    this.group = group;
    this.signal = signal;
    this.missing = group.format().missing();
    this.differences = group.format().differences();
    this.from = from;
    this.length = length;
    this.value = signal.initialValue().orElse(signal.adcZero());
  }

  /**
   * Keeps a sample.
   *
   * @param index counted from the first one wanted
   * @param sample in ADC units
   */
  abstract void keep(int index, int sample);

  /** Keeps that a sample is missing. */
  abstract void keepMissing(int index);

  /**
   * Takes this signal's share of a block.
   *
   * @param samples interleaved samples
   * @param column where the first frame has this signal's first sample
   * @param frame number of the first frame
   * @param count frames
   */
  final void accept(int[] samples, int column, long frame, int count) {
    int perFrame = signal.samplesPerFrame();
    int stride = group.frameSize();
    long target = (frame - signal.skew() - from) * perFrame;
    // In variables of their own, which a loop keeps in registers.
    int last = value;
    int sum = checksum;
    for (int f = 0, at = column; f < count; f++, at += stride) {
      for (int k = 0; k < perFrame; k++, target++) {
        last = differences ? last + samples[at + k] : samples[at + k];
        sum += last;
        if (target >= 0 && target < length) {
          if (last == missing) {
            keepMissing((int) target);
          } else {
            keep((int) target, last);
          }
        }
      }
    }
    value = last;
    checksum = sum;
    if (frame == 0 && count > 0) {
      first = samples[column];
    }
  }

  /**
   * Compares with the header.
   *
   * @param whole whether every frame of the record went by
   */
  final void verify(boolean whole) throws DataException {
    // In a file of differences the header's value is where they begin, not what they say.
    if (!differences
        && first != null
        && signal.initialValue().isPresent()
        && signal.initialValue().getAsInt() != first) {
      throw contradiction(
          "first sample",
          first,
          signal.initialValue().getAsInt(),
          "put the header and the signal file of one record together");
    }
    if (whole
        && signal.checksum().isPresent()
        && signal.checksum().getAsInt() != (checksum & 0xFFFF)) {
      throw contradiction(
          "checksum", (short) checksum, (short) signal.checksum().getAsInt(), PackedSamples.FETCH);
    }
  }

  private DataException contradiction(String what, int found, int announced, String remedy) {
    Path name = group.file().getFileName();
    return new DataException(
        group.header().file(),
        signal.line(),
        "the %s of %s is %d in %s, the header says %d"
            .formatted(what, signal.description(), found, name, announced),
        remedy);
  }
}
