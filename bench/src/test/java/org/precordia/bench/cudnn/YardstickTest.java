// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** What surrounds cuDNN in the yardstick, on the CPU. */
class YardstickTest {
  private static final ConvolutionShape SHAPE = new ConvolutionShape(2, 32, 8, 4, Storage.FP32);

  private Context context;
  private Stream stream;
  private Resources resources;
  private CudnnConvolution.Tensors tensors;

  @BeforeEach
  void open() {
    context = Context.open(Backend.CPU.select());
    stream = context.stream();
    resources = new Resources();
    tensors = new BlockTensors(stream, resources).set(SHAPE, 1);
  }

  @AfterEach
  void close() {
    resources.close();
    stream.close();
    context.close();
  }

  private Tensor output() {
    return tensors.y().tensor(DType.F32, SHAPE.rows(), SHAPE.channels());
  }

  /** Writes the convolution of the first window. */
  private void convolve() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = tensors.x().hostView(arena);
      MemorySegment w = tensors.w().hostView(arena);
      float[] y = new float[(int) output().count()];
      for (int row = 0; row < SHAPE.length(); row++) {
        for (int k = 0; k < SHAPE.channels(); k++) {
          y[row * SHAPE.channels() + k] = (float) ConvolutionCheck.expected(SHAPE, x, w, row, k);
        }
      }
      output().upload(stream, y);
    }
  }

  @Test
  void aConvolutionThatIsRightPassesTheCheckAndAWrongOneDoesNot() {
    convolve();
    assertEquals(0, ConvolutionCheck.relativeError(stream, SHAPE, tensors), 1e-6);
    float[] y = output().floats(stream);
    y[(SHAPE.length() - 1) * SHAPE.channels() + 3] += 1;
    output().upload(stream, y);
    assertTrue(ConvolutionCheck.relativeError(stream, SHAPE, tensors) > 0.1);
  }

  @Test
  void theOwnBlockReadsAndWritesTheSameMemory() {
    OwnBlock block = new OwnBlock(stream, resources, SHAPE, DType.F32, tensors);
    float[] trained = output().floats(stream);
    output().upload(stream, new float[trained.length]);
    block.forward();
    float[] inferred = output().floats(stream);
    assertNotEquals(0, inferred[0]);
    for (int i = 0; i < inferred.length; i++) {
      assertEquals(trained[i], inferred[i], 1e-5f);
    }
    block.backward();
    float[] gradient =
        tensors.dx().tensor(DType.F32, SHAPE.rows(), SHAPE.channels()).floats(stream);
    for (float value : gradient) {
      assertTrue(Float.isFinite(value));
    }
    assertNotEquals(0, gradient[0]);
  }

  @Test
  void piecesOfWorkTakeTurnsAndRotateTheirMemory() {
    List<String> calls = new ArrayList<>();
    List<Alternation.Timing> timings;
    try (Alternation alternation = new Alternation(context, stream, 2)) {
      timings =
          alternation.measure(
              List.of(call -> calls.add("a" + call), call -> calls.add("b" + call)), 1e-9);
    }
    assertEquals(2, timings.size());
    assertEquals(List.of("a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"), calls.subList(0, 8));
    int rounds = calls.size() / 8;
    for (Alternation.Timing timing : timings) {
      assertEquals(rounds - 3, timing.repeats());
      assertTrue(timing.p10() <= timing.median() && timing.median() <= timing.p90());
    }
  }
}
