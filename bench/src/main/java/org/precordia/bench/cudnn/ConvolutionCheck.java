// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.precordia.runtime.Buffer;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;

/**
 * Holds a computed convolution to plain loops at some rows: a yardstick that computes something
 * else measures nothing.
 */
final class ConvolutionCheck {
  private static final int ROWS = 4;

  private ConvolutionCheck() {}

  /**
   * Compares the first, the last and two other rows of the first window.
   *
   * @return the largest difference over the largest value
   */
  static double relativeError(
      Stream stream, ConvolutionShape shape, CudnnConvolution.Tensors tensors) {
    try (Arena arena = Arena.ofConfined()) {
      long window = (long) shape.length() * shape.channels() * shape.storage().bytes();
      MemorySegment x = fetch(stream, arena, tensors.x(), window);
      MemorySegment w = fetch(stream, arena, tensors.w(), shape.weightBytes());
      MemorySegment y = fetch(stream, arena, tensors.y(), window);
      double error = 0;
      double largest = 0;
      for (int i = 0; i < ROWS; i++) {
        int row = i * (shape.length() - 1) / (ROWS - 1);
        for (int k = 0; k < shape.channels(); k++) {
          double expected = expected(shape, x, w, row, k);
          double found = shape.storage().decode(y, (long) row * shape.channels() + k);
          error = Math.max(error, Math.abs(found - expected));
          largest = Math.max(largest, Math.abs(expected));
        }
      }
      return error / largest;
    }
  }

  /** One output by the definition. */
  static double expected(
      ConvolutionShape shape, MemorySegment x, MemorySegment w, int row, int channel) {
    int channels = shape.channels();
    double sum = 0;
    for (int tap = 0; tap < ConvolutionShape.TAPS; tap++) {
      int source = row + (tap - 1) * shape.dilation();
      if (source < 0 || source >= shape.length()) {
        continue;
      }
      for (int c = 0; c < channels; c++) {
        double weight =
            shape
                .storage()
                .decode(w, ((long) channel * ConvolutionShape.TAPS + tap) * channels + c);
        sum += weight * shape.storage().decode(x, (long) source * channels + c);
      }
    }
    return sum;
  }

  private static MemorySegment fetch(Stream stream, Arena arena, Buffer buffer, long bytes) {
    MemorySegment host = arena.allocate(bytes, Long.BYTES);
    buffer.tensor(DType.U8, buffer.bytes()).slice(0, bytes).download(stream, host);
    return host;
  }
}
