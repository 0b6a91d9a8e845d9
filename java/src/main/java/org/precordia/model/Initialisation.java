// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.precordia.signal.Philox;

/**
 * The parameters before training: PyTorch's defaults (He et al. 2015 with a = sqrt 5, which is
 * uniform in ±1/sqrt(fan-in) for weights and biases), norms 1 and 0, FiLM and head 0.
 */
public final class Initialisation {
  /** Names these streams among those of a seed. */
  private static final int STREAM = 0x494E4954;

  private Initialisation() {}

  /**
   * Draws the parameters of a network.
   *
   * <p>Each tensor has a random stream of its own, named by the tensor, so that networks that share
   * tensors start them alike: with and without the pathology branch, for example.
   *
   * @return the flat buffer; the anchor is 0
   */
  public static float[] draw(ParameterLayout layout, long seed) {
    float[] values = new float[Math.toIntExact(layout.size())];
    for (ParameterTensor tensor : layout.tensors()) {
      int begin = Math.toIntExact(tensor.offset());
      int end = Math.toIntExact(tensor.end());
      switch (tensor.start()) {
        case ZERO -> {
          // The array's own zeros.
        }
        case ONE -> Arrays.fill(values, begin, end, 1f);
        case UNIFORM -> {
          Philox random = new Philox(seed, nameKey(tensor.name()), 0, STREAM);
          double bound = 1 / Math.sqrt(tensor.fanIn());
          for (int i = begin; i < end; i++) {
            values[i] = (float) random.uniform(-bound, bound);
          }
        }
      }
    }
    return values;
  }

  private static int nameKey(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
