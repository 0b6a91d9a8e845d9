// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** cuDNN's descriptions of a block's convolution, which need no device; skipped without cuDNN. */
class ConvolutionDescriptorsTest {
  @BeforeAll
  static void open() {
    CudnnLibrary library = CudnnLibrary.open();
    assumeTrue(library.present(), library.sentence());
  }

  @Test
  void theLibraryIsTheGenerationThatIsBound() {
    assertEquals(9, Cudnn.cudnnGetVersion() / 10_000);
  }

  @Test
  void theOutputIsAsLongAsTheInputAtEveryDilation() {
    for (Storage storage : Storage.values()) {
      for (int dilation : new int[] {1, 2, 4, 32}) {
        ConvolutionShape shape = new ConvolutionShape(5, 256, 64, dilation, storage);
        try (ConvolutionDescriptors descriptors = new ConvolutionDescriptors(shape)) {
          assertArrayEquals(new int[] {5, 64, 1, 256}, descriptors.outputExtents());
        }
      }
    }
  }

  @Test
  void channelsAreLastInMemory() {
    ConvolutionShape shape = new ConvolutionShape(5, 256, 64, 4, Storage.BF16);
    try (ConvolutionDescriptors descriptors = new ConvolutionDescriptors(shape)) {
      int row = 64;
      int window = 256 * row;
      assertArrayEquals(
          new int[] {Cudnn.CUDNN_DATA_BFLOAT16(), 5, 64, 1, 256, window, 1, window, row},
          descriptors.activationAsHeld());
    }
  }

  @Test
  void aRefusalNamesFunctionAndReason() {
    ConvolutionShape shape = new ConvolutionShape(0, 256, 64, 4, Storage.FP32);
    CudnnException refused =
        assertThrows(CudnnException.class, () -> new ConvolutionDescriptors(shape));
    assertTrue(
        refused.getMessage().startsWith("cudnnSetTensorNdDescriptorEx: CUDNN_STATUS_BAD_PARAM"),
        refused.getMessage());
  }
}
