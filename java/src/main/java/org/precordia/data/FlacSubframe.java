// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;

/** One channel of a FLAC frame: how its samples follow from those before and a residual. */
final class FlacSubframe {
  /** Weights of the fixed predictors of order 0 to 4, the latest sample first. */
  private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

  /** A longer run of zeros would be a residual of more than 33 bits. */
  private static final int MOST_ZEROS = 1 << 26;

  private final FlacBits bits;
  private final long[] samples;
  private final int count;

  /** Thrown for what the format does not allow. */
  static final class FlacException extends IOException {
    private static final long serialVersionUID = 1L;

    FlacException(String message) {
      super(message);
    }
  }

  private FlacSubframe(FlacBits bits, long[] samples, int count) {
    this.bits = bits;
    this.samples = samples;
    this.count = count;
  }

  /**
   * Decodes a subframe.
   *
   * @param width bits of a sample
   * @param samples receives {@code count} samples from index 0
   * @throws FlacException when the format does not allow what is there
   */
  static void decode(FlacBits bits, int width, long[] samples, int count) throws IOException {
    new FlacSubframe(bits, samples, count).decode(width);
  }

  private void decode(int width) throws IOException {
    if (bits.unsigned(1) != 0) {
      throw new FlacException("a subframe does not begin with 0");
    }
    int type = (int) bits.unsigned(6);
    int wasted = bits.unsigned(1) == 0 ? 0 : 1 + bits.zeros(width);
    int stored = width - wasted;
    if (stored < 1) {
      throw new FlacException("a subframe wastes all bits");
    }
    if (type == 0) {
      long value = bits.signed(stored);
      for (int t = 0; t < count; t++) {
        samples[t] = value;
      }
    } else if (type == 1) {
      warmUp(count, stored);
    } else if (type >= 8 && type <= 12) {
      fixed(type - 8, stored);
    } else if (type >= 32) {
      linear(type - 31, stored);
    } else {
      throw new FlacException("a subframe has the reserved type " + type);
    }
    for (int t = 0; t < count; t++) {
      samples[t] <<= wasted;
    }
  }

  private void warmUp(int order, int width) throws IOException {
    if (order > count) {
      throw new FlacException("a predictor is longer than its block");
    }
    for (int t = 0; t < order; t++) {
      samples[t] = bits.signed(width);
    }
  }

  private void fixed(int order, int width) throws IOException {
    warmUp(order, width);
    residual(order);
    predict(FIXED[order], 0);
  }

  private void linear(int order, int width) throws IOException {
    warmUp(order, width);
    int precision = (int) bits.unsigned(4) + 1;
    int shift = (int) bits.signed(5);
    if (precision == 16 || shift < 0) {
      throw new FlacException("a predictor has a reserved precision or shift");
    }
    int[] weights = new int[order];
    for (int i = 0; i < order; i++) {
      weights[i] = (int) bits.signed(precision);
    }
    residual(order);
    predict(weights, shift);
  }

  /** Adds to each residual what the samples before it predict. */
  private void predict(int[] weights, int shift) {
    for (int t = weights.length; t < count; t++) {
      long sum = 0;
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i] * samples[t - 1 - i];
      }
      samples[t] += sum >> shift;
    }
  }

  /** Rice-coded differences from the prediction, in partitions of equal length. */
  private void residual(int order) throws IOException {
    int method = (int) bits.unsigned(2);
    if (method > 1) {
      throw new FlacException("a residual has a reserved coding");
    }
    int parameterBits = method == 0 ? 4 : 5;
    int escape = (1 << parameterBits) - 1;
    int partitions = 1 << bits.unsigned(4);
    int length = count / partitions;
    if (length * partitions != count || length < order) {
      throw new FlacException("a residual has " + partitions + " partitions");
    }
    int t = order;
    for (int p = 1; p <= partitions; p++) {
      int parameter = (int) bits.unsigned(parameterBits);
      int raw = parameter == escape ? (int) bits.unsigned(5) : -1;
      for (; t < p * length; t++) {
        samples[t] = raw < 0 ? rice(parameter) : raw == 0 ? 0 : bits.signed(raw);
      }
    }
  }

  private long rice(int parameter) throws IOException {
    int zeros = bits.zeros(MOST_ZEROS);
    if (zeros > MOST_ZEROS) {
      throw new FlacException("a residual is beyond all bounds");
    }
    long folded = (long) zeros << parameter | bits.unsigned(parameter);
    // Even numbers are 0, 1, 2, …; odd ones are -1, -2, -3, …
    return folded >>> 1 ^ -(folded & 1);
  }
}
