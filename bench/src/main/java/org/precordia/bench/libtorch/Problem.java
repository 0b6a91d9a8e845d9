// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.List;
import java.util.SplittableRandom;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterTensor;

/** Numbers that all contestants of a task compute with. */
final class Problem {
  /** Labels of the network. */
  static final int LABELS = 44;

  /** Temperature of the contrast. */
  static final float TEMPERATURE = 0.07f;

  private Problem() {}

  /**
   * One dilated block.
   *
   * @param x activations [B, L, C]
   * @param parameters convolution [C, C, 3] and bias, norm's weight and bias, pointwise [C, C] and
   *     bias, in one row
   * @param dy gradient of the output [B, L, C]
   */
  record Block(
      int batch, int length, int width, int dilation, float[] x, float[] parameters, float[] dy) {

    static Block draw(int batch, int length, int width, int dilation) {
      SplittableRandom random = new SplittableRandom(1);
      int count = batch * length * width;
      float[] parameters = normal(random, 4 * width * width + 4 * width, 1 / Math.sqrt(3 * width));
      int norm = 3 * width * width + width;
      for (int i = norm; i < norm + width; i++) {
        parameters[i] += 1;
      }
      return new Block(
          batch,
          length,
          width,
          dilation,
          normal(random, count, 1),
          parameters,
          normal(random, count, 1));
    }
  }

  /**
   * Contrast among embeddings.
   *
   * @param z unit rows [N, D]
   * @param labels a word of label bits an entry, none of them empty
   */
  record Contrast(int entries, int dimensions, float[] z, long[] labels) {
    static Contrast draw(int entries, int dimensions) {
      SplittableRandom random = new SplittableRandom(2);
      float[] z = normal(random, entries * dimensions, 1);
      long[] labels = new long[entries];
      for (int i = 0; i < entries; i++) {
        double square = 0;
        for (int k = 0; k < dimensions; k++) {
          square += (double) z[i * dimensions + k] * z[i * dimensions + k];
        }
        for (int k = 0; k < dimensions; k++) {
          z[i * dimensions + k] /= (float) Math.sqrt(square);
        }
        // Few labels are frequent and most are rare, as in clinical data.
        for (int k = 0; k < 3; k++) {
          labels[i] |= 1L << (int) (LABELS * Math.pow(random.nextDouble(), 3));
        }
      }
      return new Contrast(entries, dimensions, z, labels);
    }
  }

  /**
   * The whole network on one batch.
   *
   * @param config shapes
   * @param tensors names and places of the parameters
   * @param parameters all of them in one row
   * @param inputs standardised windows [B, L, 3]
   * @param targets mV [B, L, 5]
   * @param labels a word of label bits a window
   */
  record Network(
      NetworkConfig config,
      int batch,
      List<ParameterTensor> tensors,
      float[] parameters,
      float[] inputs,
      float[] targets,
      long[] labels) {}

  /** Normal numbers. */
  static float[] normal(SplittableRandom random, int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }
}
