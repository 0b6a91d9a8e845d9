// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.Closeable;
import java.io.IOException;

/** Decodes blocks of frames from a signal file. */
interface SampleBlocks extends Closeable {
  /** Frames that are best decoded at once. */
  int blockFrames();

  /**
   * Decodes frames into {@link #samples()} from {@link #first()} on.
   *
   * @param frame first frame, counted from 0, not before one already read
   * @param count frames, all inside the record
   */
  void read(long frame, int count) throws IOException;

  /** The samples last decoded, of all signals in turn. */
  int[] samples();

  /** Index of the first sample wanted. */
  int first();
}
