// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Storage formats, and the plain convolution that cuDNN's is held to. */
class StorageTest {
  @Test
  void valuesComeBackWithinTheFormatsPrecision() {
    float[] values = {0, 1, -2.5f, 1.0f / 3, 123.456f, -1e-3f};
    double[] precision = {1.0 / 256, 1.0 / 2048, 0, 0};
    try (Arena arena = Arena.ofConfined()) {
      for (Storage storage : Storage.values()) {
        MemorySegment stored = storage.encode(arena, values);
        assertEquals((long) values.length * storage.bytes(), stored.byteSize());
        for (int i = 0; i < values.length; i++) {
          double bound = precision[storage.ordinal()] * Math.abs(values[i]);
          assertEquals(values[i], storage.decode(stored, i), bound, storage.id());
        }
      }
    }
  }

  @Test
  void bf16RoundsToNearestAndTiesToEven() {
    float[] values = {
      Float.intBitsToFloat(0x3f80_8000), // half way, even below
      Float.intBitsToFloat(0x3f81_8000), // half way, even above
      Float.intBitsToFloat(0x3f80_8001) // above half
    };
    int[] rounded = {0x3f80_0000, 0x3f82_0000, 0x3f81_0000};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = Storage.BF16.encode(arena, values);
      for (int i = 0; i < values.length; i++) {
        assertEquals(Float.intBitsToFloat(rounded[i]), Storage.BF16.decode(stored, i));
      }
    }
  }

  @Test
  void thePlainConvolutionTakesItsTapsAtTheDilation() {
    ConvolutionShape shape = new ConvolutionShape(1, 6, 1, 2, Storage.FP32);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = Storage.FP32.encode(arena, new float[] {1, 10, 100, 1000, 1e4f, 1e5f});
      MemorySegment w = Storage.FP32.encode(arena, new float[] {2, 3, 5});
      assertEquals(3 * 1 + 5 * 100, ConvolutionCheck.expected(shape, x, w, 0, 0));
      assertEquals(2 * 10 + 3 * 1000 + 5 * 1e5, ConvolutionCheck.expected(shape, x, w, 3, 0));
      assertEquals(2 * 1000 + 3 * 1e5, ConvolutionCheck.expected(shape, x, w, 5, 0));
    }
  }

  @Test
  void anUnknownOptionIsNamed() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> YardstickOptions.parse("--rows", "3"))
            .getMessage()
            .contains("--rows"));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class, () -> YardstickOptions.parse("--precision", "int8"))
            .getMessage()
            .contains("bf16, fp16, tf32, fp32"));
  }

  @Test
  void everyWidthHasAsManyElements() {
    YardstickOptions options = YardstickOptions.parse("--precision", "fp16", "--rows-log2", "12");
    assertEquals(16, options.shape(64).batch());
    assertEquals(options.shape(64).activationBytes(), options.shape(256).activationBytes());
  }
}
