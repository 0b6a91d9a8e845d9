// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.peer;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.SupConOp;
import org.precordia.runtime.SupConTarget;
import org.precordia.runtime.Tensor;

/**
 * Writes SupCon's loss and gradient for random embeddings and all three targets, for {@code
 * check_supcon.py}: {@code DUMP.json [N] [SEED]}. Half of the entries are the other view of
 * another; one in eight has no label.
 */
public final class SupConDump {
  private static final int DEPTH = 128;
  private static final int WORDS = 2;
  private static final int LABELS = 70;
  private static final float TEMPERATURE = 0.07f;

  private SupConDump() {}

  /** Runs the op and writes the dump. */
  public static void main(String[] arguments) throws Exception {
    int n = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
    Random random = new Random(arguments.length > 2 ? Long.parseLong(arguments[2]) : 1);
    float[] z = embeddings(n, random);
    long[] labels = labels(n, random);
    int[] groups = new int[n];
    for (int i = 0; i < n; i++) {
      groups[i] = i / 2;
    }
    Dump dump = new Dump(Path.of(arguments[0])).attribute("temperature", TEMPERATURE);
    dump.add("z", z, n, DEPTH).add("labels", labels, n, WORDS).add("groups", groups, n);
    try (Context context = Context.open(Backend.AUTO.select());
        Stream stream = context.stream();
        Resources resources = new Resources()) {
      Arena arena = resources.add(Arena.ofShared());
      Tensor zTensor = resources.allocate(stream, DType.F32, n, DEPTH);
      Tensor labelTensor = resources.allocate(stream, DType.U64, n, WORDS);
      Tensor groupTensor = resources.allocate(stream, DType.I32, n);
      Tensor loss = resources.allocate(stream, DType.F32, 3);
      Tensor gradient = resources.allocate(stream, DType.F32, n, DEPTH);
      zTensor.upload(stream, z);
      labelTensor.upload(stream, labels);
      groupTensor.upload(stream, groups);
      for (SupConTarget target : SupConTarget.values()) {
        SupConOp op =
            new SupConOp(arena)
                .target(target)
                .temperature(TEMPERATURE)
                .rowBegin(0)
                .rowEnd(n)
                .z(zTensor)
                .labels(labelTensor)
                .groups(groupTensor)
                .statistics(resources.allocate(stream, DType.F32, n, 4))
                .loss(loss)
                .zGrad(gradient);
        op.workspace(resources.allocate(stream, DType.U8, op.workspaceSize(context)));
        op.forward(stream);
        op.backward(stream);
        String name = target.name().toLowerCase(Locale.ROOT);
        dump.add("loss_" + name, new float[] {loss.floats(stream)[0]}, 1);
        dump.add("dz_" + name, gradient.floats(stream), n, DEPTH);
      }
      dump.write();
      System.out.printf("%s: N = %d on %s%n", arguments[0], n, context.device().description());
    }
  }

  /** Unit vectors that cluster a little, as trained ones do. */
  private static float[] embeddings(int n, Random random) {
    float[] z = new float[n * DEPTH];
    float[] centre = new float[DEPTH];
    for (int i = 0; i < n; i++) {
      double square = 0;
      for (int k = 0; k < DEPTH; k++) {
        if (i % 8 == 0) {
          centre[k] = (float) random.nextGaussian();
        }
        float value = (float) (centre[k] + random.nextGaussian());
        z[i * DEPTH + k] = value;
        square += value * value;
      }
      for (int k = 0; k < DEPTH; k++) {
        z[i * DEPTH + k] /= (float) Math.sqrt(square);
      }
    }
    return z;
  }

  private static long[] labels(int n, Random random) {
    long[] masks = new long[n * WORDS];
    for (int i = 0; i < n; i++) {
      int count = i / 2 % 8 == 0 ? 0 : 1 + random.nextInt(3);
      if (i % 2 == 1) {
        masks[i * WORDS] = masks[(i - 1) * WORDS];
        masks[i * WORDS + 1] = masks[(i - 1) * WORDS + 1];
        continue;
      }
      for (int k = 0; k < count; k++) {
        int label = random.nextInt(LABELS);
        masks[i * WORDS + label / 64] |= 1L << label % 64;
      }
    }
    return masks;
  }
}
