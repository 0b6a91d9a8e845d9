// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.precordia.model.Scratch;
import org.precordia.runtime.CastOp;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepBeginOp;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Memory that one op is timed on: tensors of random numbers, never zeros, and scratch. Closed when
 * the op's turn is over.
 */
final class Workbench implements AutoCloseable {
  private final Resources resources = new Resources();
  private final RandomBlock random;
  private final Stream stream;
  private final Arena arena;
  private final Scratch scratch = new Scratch();

  Workbench(Stream stream, RandomBlock random) {
    this.stream = stream;
    this.random = random;
    this.arena = resources.add(Arena.ofShared());
  }

  Stream stream() {
    return stream;
  }

  Arena arena() {
    return arena;
  }

  Scratch scratch() {
    return scratch;
  }

  /** Memory of any content. */
  Tensor empty(DType dtype, long... shape) {
    return resources.allocate(stream, dtype, shape);
  }

  /** Bytes of any content, at least one. */
  Tensor bytes(long count) {
    return empty(DType.U8, Math.max(1, count));
  }

  /** Normal numbers of deviation 1, F32 or BF16. */
  Tensor normal(DType dtype, long... shape) {
    Tensor tensor = empty(dtype, shape);
    random.fill(arena, tensor);
    return tensor;
  }

  /** An op that makes a tensor random again. */
  Runnable renewal(Tensor tensor) {
    return () -> random.fill(arena, tensor);
  }

  /** Unit rows, F32 [n, d]. */
  Tensor unitRows(int n, int d) {
    Tensor tensor = empty(DType.F32, n, d);
    tensor.upload(stream, random.unitRows(n, d));
    return tensor;
  }

  /** A label word an entry, U64 [n, 1]: one to three of the labels, most of them few. */
  Tensor labels(int n) {
    SplittableRandom draw = random.generator();
    long[] words = new long[n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < 3; k++) {
        words[i] |= 1L << (int) (Shape.LABELS * Math.pow(draw.nextDouble(), 3));
      }
    }
    Tensor tensor = empty(DType.U64, n, 1);
    tensor.upload(stream, words);
    return tensor;
  }

  /** Whole numbers below a bound. */
  int[] below(int bound, int count) {
    return random.generator().ints(count, 0, bound).toArray();
  }

  /** Anything from the bench's own random numbers. */
  SplittableRandom generator() {
    return random.generator();
  }

  /** Makes a resource go when the bench does. */
  <T extends AutoCloseable> T own(T resource) {
    return resources.add(resource);
  }

  /** An op's parameters, packed for it. */
  Tensor packed(PackOp.Entry entry, Tensor parameters) {
    Tensor packed = bytes(entry.size(stream.context()));
    new PackOp(arena).add(entry, parameters, packed).run(stream);
    return packed;
  }

  /** A step state in the middle of a run: the first step has begun. */
  Tensor state(int batch) {
    Tensor state = empty(DType.U8, StepState.BYTES);
    StepState.initial(1).weights(1, 0.01f, 0.01f).beginEpoch(0, batch).upload(stream, state);
    new StepBeginOp(arena)
        .peak(1e-4f)
        .total(1 << 20)
        .batch(batch)
        .beta1(0.9)
        .beta2(0.999)
        .state(state)
        .run(stream);
    return state;
  }

  /** Hands the scratch memory out; after all ops have said what they need. */
  void ready() {
    scratch.allocate(stream, resources);
  }

  @Override
  public void close() {
    resources.close();
  }

  /** Random numbers that lie on the device, from which all tensors are filled. */
  static final class RandomBlock implements AutoCloseable {
    private static final int COUNT = 1 << 21;
    private static final int UNIT_ROWS = 4096;

    private final Resources resources = new Resources();
    private final Stream stream;
    private final long seed;
    private final Tensor floats;
    private final Tensor halves;
    private float[] rows = {};
    private int rowLength;

    RandomBlock(Stream stream, long seed) {
      this.stream = stream;
      this.seed = seed;
      SplittableRandom draw = generator();
      float[] values = new float[COUNT];
      for (int i = 0; i < COUNT; i++) {
        values[i] = (float) draw.nextGaussian();
      }
      boolean complete = false;
      try {
        floats = resources.allocate(stream, DType.F32, COUNT);
        floats.upload(stream, values);
        halves = resources.allocate(stream, DType.BF16, COUNT);
        Arena arena = resources.add(Arena.ofShared());
        new CastOp(arena).source(floats).target(halves).run(stream);
        complete = true;
      } finally {
        if (!complete) {
          resources.close();
        }
      }
    }

    SplittableRandom generator() {
      return new SplittableRandom(seed);
    }

    void fill(Arena arena, Tensor tensor) {
      Tensor source = tensor.dtype() == DType.BF16 ? halves : floats;
      Tensor flat = tensor.reshape(tensor.count());
      for (long begin = 0; begin < flat.count(); begin += COUNT) {
        long count = Math.min(COUNT, flat.count() - begin);
        new CopyOp(arena)
            .source(source.slice(0, count))
            .target(flat.slice(begin, begin + count))
            .run(stream);
      }
    }

    /** Rows repeat after {@value #UNIT_ROWS}. */
    float[] unitRows(int n, int d) {
      if (rowLength != d) {
        rows = drawRows(d);
        rowLength = d;
      }
      float[] all = new float[n * d];
      for (int first = 0; first < n; first += UNIT_ROWS) {
        System.arraycopy(rows, 0, all, first * d, Math.min(UNIT_ROWS, n - first) * d);
      }
      return all;
    }

    private float[] drawRows(int d) {
      SplittableRandom draw = generator();
      float[] drawn = new float[UNIT_ROWS * d];
      for (int row = 0; row < UNIT_ROWS; row++) {
        double square = 0;
        for (int k = 0; k < d; k++) {
          float value = (float) draw.nextGaussian();
          drawn[row * d + k] = value;
          square += (double) value * value;
        }
        float scale = (float) (1 / Math.sqrt(square));
        for (int k = 0; k < d; k++) {
          drawn[row * d + k] *= scale;
        }
      }
      return drawn;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
