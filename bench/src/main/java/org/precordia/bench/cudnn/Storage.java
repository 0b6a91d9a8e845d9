// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.precordia.runtime.DType;

/** How activations and weights are stored, and what multiplies them; sums are fp32 in all. */
enum Storage {
  BF16(2),
  FP16(2),
  /** Stored as fp32, multiplied with 11 bits on the tensor cores. */
  TF32(4),
  FP32(4);

  private final int bytes;

  Storage(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Finds a precision by its {@link #id}.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  static Storage of(String id) {
    return Arrays.stream(values())
        .filter(storage -> storage.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no precision \"%s\": choose %s"
                        .formatted(
                            id,
                            Arrays.stream(values())
                                .map(Storage::id)
                                .collect(Collectors.joining(", ")))));
  }

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Size of an element. */
  int bytes() {
    return bytes;
  }

  /**
   * The type by which Precordia's own ops know it; none for fp16, and for TF32, which they lack.
   */
  Optional<DType> dtype() {
    return switch (this) {
      case BF16 -> Optional.of(DType.BF16);
      case FP32 -> Optional.of(DType.F32);
      case FP16, TF32 -> Optional.empty();
    };
  }

  int cudnnType() {
    return switch (this) {
      case BF16 -> Cudnn.CUDNN_DATA_BFLOAT16();
      case FP16 -> Cudnn.CUDNN_DATA_HALF();
      case TF32, FP32 -> Cudnn.CUDNN_DATA_FLOAT();
    };
  }

  int mathType() {
    return switch (this) {
      case BF16, FP16 -> Cudnn.CUDNN_TENSOR_OP_MATH();
      case TF32 -> Cudnn.CUDNN_DEFAULT_MATH();
      case FP32 -> Cudnn.CUDNN_FMA_MATH();
    };
  }

  /** Values as they are stored. */
  MemorySegment encode(SegmentAllocator allocator, float[] values) {
    if (bytes == Float.BYTES) {
      return allocator.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }
    MemorySegment stored = allocator.allocate(ValueLayout.JAVA_SHORT, values.length);
    for (int i = 0; i < values.length; i++) {
      stored.setAtIndex(ValueLayout.JAVA_SHORT, i, encode(values[i]));
    }
    return stored;
  }

  /** The value of one stored element. */
  float decode(MemorySegment stored, long index) {
    return switch (this) {
      case BF16 ->
          Float.intBitsToFloat(stored.getAtIndex(ValueLayout.JAVA_SHORT, index) << Short.SIZE);
      case FP16 -> Float.float16ToFloat(stored.getAtIndex(ValueLayout.JAVA_SHORT, index));
      case TF32, FP32 -> stored.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    };
  }

  private short encode(float value) {
    if (this == FP16) {
      return Float.floatToFloat16(value);
    }
    int bits = Float.floatToRawIntBits(value);
    // To nearest, ties to even; the values are finite.
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}
