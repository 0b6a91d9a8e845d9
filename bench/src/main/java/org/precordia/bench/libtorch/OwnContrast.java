// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.lang.foreign.Arena;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.SupConOp;
import org.precordia.runtime.SupConTarget;
import org.precordia.runtime.Tensor;

/** SupCon {@code any} and its gradient by Precordia. */
final class OwnContrast implements Work {
  private final Resources resources = new Resources();
  private final Stream stream;
  private final SupConOp op;
  private final Tensor gradient;

  OwnContrast(Context context, Problem.Contrast problem) {
    int n = problem.entries();
    stream = resources.add(context.stream());
    Tensor z = resources.allocate(stream, DType.F32, n, problem.dimensions());
    z.upload(stream, problem.z());
    Tensor labels = resources.allocate(stream, DType.U64, n, 1);
    labels.upload(stream, problem.labels());
    Tensor state = resources.allocate(stream, DType.U8, StepState.BYTES);
    StepState.initial(1).weights(1, 1, 1).beginEpoch(0, n).upload(stream, state);
    gradient = resources.allocate(stream, DType.F32, n, problem.dimensions());
    op =
        new SupConOp(resources.add(Arena.ofShared()))
            .target(SupConTarget.ANY)
            .temperature(Problem.TEMPERATURE)
            .rowBegin(0)
            .rowEnd(n)
            .z(z)
            .labels(labels)
            .state(state)
            .statistics(resources.allocate(stream, DType.F32, n, 4))
            .loss(resources.allocate(stream, DType.F32, 3))
            .zGrad(gradient);
    op.workspace(resources.allocate(stream, DType.U8, Math.max(1, op.workspaceSize(context))));
  }

  @Override
  public void run() {
    op.forward(stream);
    op.backward(stream);
    stream.synchronize();
  }

  @Override
  public float[] result() {
    return gradient.floats(stream);
  }

  @Override
  public void close() {
    resources.close();
  }
}
