// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.precordia.data.FlacSubframe.FlacException;

/**
 * A FLAC file (RFC 9639) as blocks of samples, one after the other. Every frame's checksums are
 * verified; memory is that of one block, 65,536 samples of 8 channels at most.
 */
final class FlacStream implements Closeable {
  private static final int MARK = 0x664C6143;
  private static final int STREAM_INFO = 0;
  private static final int STREAM_INFO_BYTES = 34;
  private static final int SYNC = 0x3FFE;
  private static final int[] WIDTHS = {0, 8, 12, -1, 16, 20, 24, 32};
  private static final int LEFT_SIDE = 8;
  private static final int SIDE_RIGHT = 9;
  private static final int MIDDLE_SIDE = 10;

  private final Path file;
  private final FlacBits bits;
  private int channels;
  private int width;
  private long total;
  private long[][] block = {};
  private int length;

  /**
   * Opens a file and reads what it says of itself.
   *
   * @throws DataException when it is no FLAC file
   */
  FlacStream(Path file) throws IOException {
    this.file = file;
    this.bits = new FlacBits(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    try {
      metadata();
    } catch (EOFException | FlacException e) {
      bits.close();
      throw explain(e);
    }
  }

  int channels() {
    return channels;
  }

  /** Bits of a sample. */
  int width() {
    return width;
  }

  /** Samples of each channel, 0 when the file does not say. */
  long total() {
    return total;
  }

  /** Samples of each channel in the block last read. */
  int length() {
    return length;
  }

  /** A sample of the block last read. */
  int sample(int channel, int index) {
    return (int) block[channel][index];
  }

  /**
   * Reads the next block.
   *
   * @throws DataException when the file ends or is damaged
   */
  void next() throws IOException {
    try {
      frame();
    } catch (EOFException | FlacException e) {
      throw explain(e);
    }
  }

  private void metadata() throws IOException {
    if (bits.unsigned(32) != MARK) {
      throw new FlacException("it does not begin with fLaC");
    }
    boolean last = false;
    while (!last) {
      last = bits.unsigned(1) != 0;
      int type = (int) bits.unsigned(7);
      long bytes = bits.unsigned(24);
      if (type != STREAM_INFO) {
        bits.skip(bytes);
      } else if (bytes == STREAM_INFO_BYTES) {
        // Block and frame sizes and the sampling rate: the header of the record has the rate.
        bits.skip(10);
        bits.unsigned(20);
        channels = (int) bits.unsigned(3) + 1;
        width = (int) bits.unsigned(5) + 1;
        total = bits.unsigned(4) << 32 | bits.unsigned(32);
        bits.skip(16);
      } else {
        throw new FlacException("its stream information has " + bytes + " bytes");
      }
    }
    if (channels == 0) {
      throw new FlacException("it has no stream information");
    }
  }

  private void frame() throws IOException {
    bits.align();
    bits.beginChecksums();
    if (bits.unsigned(14) != SYNC || bits.unsigned(1) != 0) {
      throw new FlacException("a frame does not begin where it should");
    }
    bits.unsigned(1);
    int sizeCode = (int) bits.unsigned(4);
    int rateCode = (int) bits.unsigned(4);
    int assignment = (int) bits.unsigned(4);
    int widthCode = (int) bits.unsigned(3);
    bits.unsigned(1);
    codedNumber();
    length = blockSize(sizeCode);
    bits.unsigned(rateCode == 12 ? 8 : rateCode == 13 || rateCode == 14 ? 16 : 0);
    int expected = bits.crc8();
    if (bits.unsigned(8) != expected) {
      throw new FlacException("the checksum of a frame's header is wrong");
    }
    int own = assignment < LEFT_SIDE ? assignment + 1 : 2;
    if (own != channels || assignment > MIDDLE_SIDE) {
      throw new FlacException("a frame has the channel assignment " + assignment);
    }
    if (WIDTHS[widthCode] != 0 && WIDTHS[widthCode] != width) {
      throw new FlacException("a frame has samples of another size");
    }
    subframes(assignment);
    bits.align();
    int checksum = bits.crc16();
    if (bits.unsigned(16) != checksum) {
      throw new FlacException("the checksum of a frame is wrong");
    }
  }

  private void subframes(int assignment) throws IOException {
    if (block.length == 0 || block[0].length < length) {
      block = new long[channels][length];
    }
    for (int c = 0; c < channels; c++) {
      boolean side =
          c == 1 && (assignment == LEFT_SIDE || assignment == MIDDLE_SIDE)
              || c == 0 && assignment == SIDE_RIGHT;
      FlacSubframe.decode(bits, side ? width + 1 : width, block[c], length);
    }
    if (assignment >= LEFT_SIDE) {
      undoStereo(assignment, block[0], block[1]);
    }
    long limit = 1L << width - 1;
    for (long[] channel : block) {
      for (int t = 0; t < length; t++) {
        if (channel[t] < -limit || channel[t] >= limit) {
          throw new FlacException("a sample has more than " + width + " bits");
        }
      }
    }
  }

  private void undoStereo(int assignment, long[] first, long[] second) {
    for (int t = 0; t < length; t++) {
      long a = first[t];
      long b = second[t];
      switch (assignment) {
        case LEFT_SIDE -> second[t] = a - b;
        case SIDE_RIGHT -> first[t] = a + b;
        default -> {
          // The middle has lost its lowest bit, which is that of the side.
          long sum = a << 1 | b & 1;
          first[t] = sum + b >> 1;
          second[t] = sum - b >> 1;
        }
      }
    }
  }

  /** The frame's or its first sample's number, coded like a character in UTF-8; not needed. */
  private void codedNumber() throws IOException {
    int first = (int) bits.unsigned(8);
    int more = Integer.numberOfLeadingZeros(~(first << 24)) - 1;
    if (more == 0 || more > 6) {
      throw new FlacException("a frame has no number");
    }
    for (int i = 0; i < more; i++) {
      if (bits.unsigned(8) >>> 6 != 2) {
        throw new FlacException("a frame has no number");
      }
    }
  }

  private int blockSize(int code) throws IOException {
    return switch (code) {
      case 0 -> throw new FlacException("a frame has a reserved block size");
      case 1 -> 192;
      case 2, 3, 4, 5 -> 144 << code;
      case 6 -> (int) bits.unsigned(8) + 1;
      case 7 -> (int) bits.unsigned(16) + 1;
      default -> 1 << code;
    };
  }

  private DataException explain(IOException e) {
    return new DataException(
        file,
        0,
        e instanceof EOFException
            ? "is cut short within its FLAC frames"
            : "is not a sound FLAC file: " + e.getMessage(),
        PackedSamples.FETCH,
        e);
  }

  @Override
  public void close() throws IOException {
    bits.close();
  }
}
