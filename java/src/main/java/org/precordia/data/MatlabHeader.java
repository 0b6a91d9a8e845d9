// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The 24 bytes in front of the samples of a PhysioNet Challenge {@code .mat} file: MATLAB level 4,
 * one 16-bit matrix named {@code val} of a row a signal and a column a sample. MATLAB stores
 * columns one after the other, so what follows is WFDB format 16.
 */
final class MatlabHeader {
  static final int BYTES = 24;

  /** Little endian, 16-bit signed integers, full matrix. */
  private static final int LITTLE_ENDIAN_INT16 = 30;

  private MatlabHeader() {}

  /**
   * Checks that a file announces the matrix that the WFDB header describes.
   *
   * @param signals rows
   * @param length columns, or -1 when the header does not say
   * @throws DataException when it does not
   */
  static void check(Path file, FileChannel channel, int signals, long length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
      continue;
    }
    if (buffer.hasRemaining()) {
      throw new DataException(
          file, "is cut short within its MATLAB header", "fetch the file again");
    }
    if (new String(buffer.array(), 0, 10, StandardCharsets.US_ASCII).startsWith("MATLAB 5.0")) {
      throw new DataException(
          file,
          "is a MATLAB level 5 file, the PhysioNet Challenges use level 4",
          "save it in MATLAB with the option -v4");
    }
    int type = buffer.getInt(0);
    int rows = buffer.getInt(4);
    int columns = buffer.getInt(8);
    int nameLength = buffer.getInt(16);
    if (type != LITTLE_ENDIAN_INT16 || nameLength != 4) {
      throw new DataException(
          file,
          "is not a MATLAB level 4 file of 16-bit integers named val (type " + type + ")",
          "fetch the file again or convert it with wfdb2mat");
    }
    if (rows != signals || length >= 0 && columns != length) {
      throw new DataException(
          file,
          "holds a matrix of "
              + rows
              + " x "
              + columns
              + ", the WFDB header describes "
              + signals
              + " x "
              + length,
          "put the header and the file of one record together");
    }
  }
}
