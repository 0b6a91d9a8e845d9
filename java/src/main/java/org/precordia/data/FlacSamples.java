// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;

/** Decodes blocks of frames from a FLAC signal file; what lies before the first is passed over. */
final class FlacSamples implements SampleBlocks {
  /** More frames than any record has: the file does not say how many it has. */
  static final long UNKNOWN = Long.MAX_VALUE;

  private static final int BLOCK_SAMPLES = 1 << 12;

  private final FlacStream stream;
  private final int perFrame;
  private int[] samples = {};

  /** Samples of a channel before the stream's current block, and those of it already taken. */
  private long before;

  private int taken;

  /**
   * Opens the group's file.
   *
   * @throws DataException when it is no FLAC file or does not have the header's signals
   */
  FlacSamples(SignalGroup group) throws IOException {
    this.stream = new FlacStream(group.file());
    this.perFrame = group.signals().getFirst().samplesPerFrame();
    try {
      check(group);
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  private void check(SignalGroup group) throws DataException {
    int bits = ((FlacFormat) group.format()).bits();
    WfdbSignal first = group.signals().getFirst();
    if (stream.channels() != group.signals().size() || stream.width() > bits) {
      throw new DataException(
          group.header().file(),
          first.line(),
          "%s has %d channels of %d bits, the header describes %d signals of %d bits at most"
              .formatted(
                  group.file().getFileName(),
                  stream.channels(),
                  stream.width(),
                  group.signals().size(),
                  bits),
          "put the header and the signal file of one record together");
    }
    boolean equal =
        group.signals().stream().allMatch(signal -> signal.samplesPerFrame() == perFrame);
    if (!equal || perFrame > BLOCK_SAMPLES || group.offset() != 0) {
      throw new DataException(
          group.header().file(),
          first.line(),
          "a FLAC file has an offset, or signals of different or more than "
              + BLOCK_SAMPLES
              + " samples per frame",
          "correct the header");
    }
  }

  /** Complete frames that the file says it has, or {@link #UNKNOWN}. */
  long frames() {
    return stream.total() == 0 ? UNKNOWN : stream.total() / perFrame;
  }

  @Override
  public int blockFrames() {
    return Math.max(1, BLOCK_SAMPLES / perFrame);
  }

  @Override
  public void read(long frame, int count) throws IOException {
    int channels = stream.channels();
    int wanted = count * perFrame;
    if (samples.length < wanted * channels) {
      samples = new int[wanted * channels];
    }
    skipTo(frame * perFrame);
    for (int t = 0; t < wanted; t++) {
      if (taken == stream.length()) {
        advance();
      }
      int at = t / perFrame * perFrame * channels + t % perFrame;
      for (int c = 0; c < channels; c++) {
        samples[at + c * perFrame] = stream.sample(c, taken);
      }
      taken++;
    }
  }

  private void skipTo(long sample) throws IOException {
    while (sample > before + stream.length()) {
      advance();
    }
    taken = Math.max(taken, (int) (sample - before));
  }

  private void advance() throws IOException {
    before += stream.length();
    stream.next();
    taken = 0;
  }

  @Override
  public int[] samples() {
    return samples;
  }

  @Override
  public int first() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
