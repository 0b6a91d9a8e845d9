// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

/**
 * What {@link CudnnBlocks} is asked for.
 *
 * @param storage precision
 * @param seconds time that each piece of work is measured for
 * @param rowsLog2 binary logarithm of the number of rows at 64 channels
 * @param dilation of the convolution
 */
record YardstickOptions(Storage storage, double seconds, int rowsLog2, int dilation) {
  private static final int LENGTH = 256;
  private static final int NARROWEST = 64;

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException naming the option that is not understood
   */
  static YardstickOptions parse(String... arguments) {
    Storage storage = Storage.BF16;
    double seconds = 0.3;
    int rowsLog2 = 21;
    int dilation = 4;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException("option " + arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--precision" -> storage = Storage.of(value);
        case "--seconds" -> seconds = Double.parseDouble(value);
        case "--rows-log2" -> rowsLog2 = Integer.parseInt(value);
        case "--dilation" -> dilation = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (!(seconds > 0) || rowsLog2 < 10 || rowsLog2 > 24 || dilation < 1) {
      throw new IllegalArgumentException(
          "--seconds is positive, --rows-log2 is 10 to 24, --dilation is 1 or more");
    }
    return new YardstickOptions(storage, seconds, rowsLog2, dilation);
  }

  /** The convolution at a width, with as many elements at every one. */
  ConvolutionShape shape(int channels) {
    long rows = (1L << rowsLog2) * NARROWEST / channels;
    return new ConvolutionShape((int) (rows / LENGTH), LENGTH, channels, dilation, storage);
  }
}
