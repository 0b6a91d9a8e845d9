// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

/**
 * The convolution of a block: three taps over time, C channels to C, output as long as the input.
 *
 * @param batch windows
 * @param length time steps of a window
 * @param channels C
 * @param dilation distance of the taps, and zeros at both ends
 * @param storage how it is stored
 */
record ConvolutionShape(int batch, int length, int channels, int dilation, Storage storage) {
  static final int TAPS = 3;

  long rows() {
    return (long) batch * length;
  }

  /** Bytes of the input, the output or one of their gradients. */
  long activationBytes() {
    return rows() * channels * storage.bytes();
  }

  long weights() {
    return (long) channels * TAPS * channels;
  }

  long weightBytes() {
    return weights() * storage.bytes();
  }
}
