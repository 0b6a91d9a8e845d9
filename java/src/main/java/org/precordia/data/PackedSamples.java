// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** Decodes blocks of frames of a packed format, at any position. */
final class PackedSamples implements SampleBlocks {
  static final String FETCH = "fetch the file again";
  private static final int BLOCK_SAMPLES = 1 << 16;

  private final SignalGroup group;
  private final PackedFormat format;
  private final FileChannel channel;
  private byte[] bytes = {};
  private int[] samples = {};
  private int first;

  /** Opens the group's file and checks the MATLAB header, if it has one. */
  PackedSamples(SignalGroup group, PackedFormat format) throws IOException {
    this.group = group;
    this.format = format;
    this.channel = FileChannel.open(group.file(), StandardOpenOption.READ);
    boolean matlab = group.file().getFileName().toString().endsWith(".mat");
    if (matlab && group.offset() == MatlabHeader.BYTES) {
      try {
        MatlabHeader.check(group.file(), channel, group.frameSize(), group.header().length());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
  }

  @Override
  public int blockFrames() {
    return Math.max(1, BLOCK_SAMPLES / group.frameSize());
  }

  @Override
  public void read(long frame, int count) throws IOException {
    long start = frame * group.frameSize();
    // A block starts where its first byte is its own.
    first = (int) (start % format.group());
    int wanted = Math.toIntExact((long) count * group.frameSize() + first);
    int length = Math.toIntExact(format.bytes(wanted));
    if (samples.length < wanted) {
      samples = new int[wanted];
      bytes = new byte[length];
    } else if (bytes.length < length) {
      bytes = new byte[length];
    }
    readFully(ByteBuffer.wrap(bytes, 0, length), group.offset() + format.bytes(start - first));
    format.decode(bytes, wanted, samples);
  }

  @Override
  public int[] samples() {
    return samples;
  }

  @Override
  public int first() {
    return first;
  }

  private void readFully(ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new DataException(group.file(), "became shorter while it was read", FETCH);
      }
      at += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
