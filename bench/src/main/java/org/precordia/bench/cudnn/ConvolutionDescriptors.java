// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * cuDNN's descriptions of a {@link ConvolutionShape}: time is the width of an image of height one,
 * channels are last. Needs cuDNN, but no device.
 */
final class ConvolutionDescriptors implements AutoCloseable {
  private static final int RANK = 4;

  private final Deque<Runnable> destructors = new ArrayDeque<>();
  private final MemorySegment activation;
  private final MemorySegment filter;
  private final MemorySegment convolution;

  ConvolutionDescriptors(ConvolutionShape shape) {
    boolean complete = false;
    try (Arena arena = Arena.ofConfined()) {
      int type = shape.storage().cudnnType();
      int channels = shape.channels();
      activation =
          make(
              Cudnn::cudnnCreateTensorDescriptor,
              Cudnn::cudnnDestroyTensorDescriptor,
              "cudnnCreateTensorDescriptor");
      CudnnException.check(
          "cudnnSetTensorNdDescriptorEx",
          Cudnn.cudnnSetTensorNdDescriptorEx(
              activation,
              Cudnn.CUDNN_TENSOR_NHWC(),
              type,
              RANK,
              ints(arena, shape.batch(), channels, 1, shape.length())));
      filter =
          make(
              Cudnn::cudnnCreateFilterDescriptor,
              Cudnn::cudnnDestroyFilterDescriptor,
              "cudnnCreateFilterDescriptor");
      CudnnException.check(
          "cudnnSetFilterNdDescriptor",
          Cudnn.cudnnSetFilterNdDescriptor(
              filter,
              type,
              Cudnn.CUDNN_TENSOR_NHWC(),
              RANK,
              ints(arena, channels, channels, 1, ConvolutionShape.TAPS)));
      convolution =
          make(
              Cudnn::cudnnCreateConvolutionDescriptor,
              Cudnn::cudnnDestroyConvolutionDescriptor,
              "cudnnCreateConvolutionDescriptor");
      CudnnException.check(
          "cudnnSetConvolutionNdDescriptor",
          Cudnn.cudnnSetConvolutionNdDescriptor(
              convolution,
              2,
              ints(arena, 0, shape.dilation()),
              ints(arena, 1, 1),
              ints(arena, 1, shape.dilation()),
              Cudnn.CUDNN_CROSS_CORRELATION(),
              Cudnn.CUDNN_DATA_FLOAT()));
      CudnnException.check(
          "cudnnSetConvolutionMathType",
          Cudnn.cudnnSetConvolutionMathType(convolution, shape.storage().mathType()));
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /** Of input, output and their gradients, which are alike. */
  MemorySegment activation() {
    return activation;
  }

  MemorySegment filter() {
    return filter;
  }

  MemorySegment convolution() {
    return convolution;
  }

  /** Extents of the output as cuDNN works them out: batch, channels, 1, length. */
  int[] outputExtents() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment extents = arena.allocate(ValueLayout.JAVA_INT, RANK);
      CudnnException.check(
          "cudnnGetConvolutionNdForwardOutputDim",
          Cudnn.cudnnGetConvolutionNdForwardOutputDim(
              convolution, activation, filter, RANK, extents));
      return extents.toArray(ValueLayout.JAVA_INT);
    }
  }

  /** What cuDNN holds of the activations: their type, then four extents, then four strides. */
  int[] activationAsHeld() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment held = arena.allocate(ValueLayout.JAVA_INT, 1 + 2 * RANK);
      MemorySegment rank = arena.allocate(ValueLayout.JAVA_INT);
      long element = ValueLayout.JAVA_INT.byteSize();
      CudnnException.check(
          "cudnnGetTensorNdDescriptor",
          Cudnn.cudnnGetTensorNdDescriptor(
              activation,
              RANK,
              held,
              rank,
              held.asSlice(element),
              held.asSlice(element * (1 + RANK))));
      return held.toArray(ValueLayout.JAVA_INT);
    }
  }

  private MemorySegment make(Operation create, Operation destroy, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      CudnnException.check(name, create.run(out));
      MemorySegment made = out.get(ValueLayout.ADDRESS, 0);
      destructors.push(() -> destroy.run(made));
      return made;
    }
  }

  private static MemorySegment ints(Arena arena, int... values) {
    return arena.allocateFrom(ValueLayout.JAVA_INT, values);
  }

  private interface Operation {
    int run(MemorySegment argument);
  }

  @Override
  public void close() {
    while (!destructors.isEmpty()) {
      destructors.pop().run();
    }
  }
}
