// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;

/** Reads ranges of one WFDB record, stored in one piece or in several. */
interface RecordReader {
  /** Frames in the record. */
  long frames() throws IOException;

  /**
   * Reads all leads between two frames. Reading the whole record also verifies the checksums.
   *
   * @throws IllegalArgumentException when the range is not inside the record
   */
  Recording read(long from, long to) throws IOException;

  /** The reader for a record. */
  static RecordReader of(WfdbHeader header) throws IOException {
    return header.segments().isEmpty() ? new WfdbReader(header) : new SegmentedReader(header);
  }

  /** Checks that a range lies inside a record. */
  static void checkRange(WfdbHeader header, long from, long to, long frames) {
    if (from < 0 || to < from || to > frames) {
      throw new IllegalArgumentException(
          header.name() + ": samples " + from + " to " + to + " of a record of " + frames);
    }
  }

  /** Samples in a number of frames. */
  static long samples(WfdbHeader header, long frames, long perFrame) throws DataException {
    try {
      return Math.multiplyExact(frames, perFrame);
    } catch (ArithmeticException e) {
      throw new DataException(
          header.file(),
          0,
          frames + " frames of " + perFrame + " samples are more than any file holds",
          "correct the header",
          e);
    }
  }

  /** Sampling rate of a signal of several samples a frame. */
  static double rate(WfdbHeader header, int perFrame) throws DataException {
    double rate = header.rate() * perFrame;
    if (!Double.isFinite(rate)) {
      throw new DataException(
          header.file(), "the sampling rate is beyond all bounds", "correct the header");
    }
    return rate;
  }
}
