// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** A block by Precordia, forward or backward. */
final class OwnBlock implements Work {
  private final Resources resources = new Resources();
  private final Stream stream;
  private final DilatedStackOp op;
  private final boolean backward;
  private final Tensor output;
  private final Tensor inputGrad;
  private final Tensor parameterGrad;

  OwnBlock(Context context, Problem.Block problem, boolean backward) {
    this.backward = backward;
    stream = resources.add(context.stream());
    long[] extents = {problem.batch(), problem.length(), problem.width()};
    Arena arena = resources.add(Arena.ofShared());
    output = floats(extents);
    inputGrad = floats(extents);
    parameterGrad = floats(problem.parameters().length);
    Tensor parameters = filled(problem.parameters(), problem.parameters().length);
    PackOp.Entry entry =
        new PackOp.Entry(PackOp.Kind.DILATED_STACK, DType.F32, problem.width(), 0, 1);
    Tensor packed = resources.bytes(stream, entry.size(context));
    new PackOp(arena).add(entry, parameters, packed).run(stream);
    op =
        new DilatedStackOp(arena)
            .inference(!backward)
            .dilations(problem.dilation())
            .input(filled(problem.x(), extents))
            .parameters(parameters)
            .packed(packed)
            .output(output);
    if (backward) {
      // Separate tensors: the gradient that is given may be overwritten only by the one that is
      // asked for.
      op.outputGrad(filled(problem.dy(), extents))
          .inputGrad(inputGrad)
          .parameterGrad(parameterGrad);
      op.saved(resources.bytes(stream, op.savedSize(context)));
    }
    op.workspace(resources.bytes(stream, op.workspaceSize(context)));
    op.forward(stream);
    stream.synchronize();
  }

  private Tensor floats(long... shape) {
    return resources.allocate(stream, DType.F32, shape);
  }

  private Tensor filled(float[] values, long... shape) {
    Tensor tensor = floats(shape);
    tensor.upload(stream, values);
    return tensor;
  }

  @Override
  public void run() {
    if (backward) {
      op.backward(stream);
    } else {
      op.forward(stream);
    }
    stream.synchronize();
  }

  @Override
  public float[] result() {
    if (!backward) {
      return output.floats(stream);
    }
    float[] dx = inputGrad.floats(stream);
    float[] parameters = parameterGrad.floats(stream);
    float[] all = Arrays.copyOf(dx, dx.length + parameters.length);
    System.arraycopy(parameters, 0, all, dx.length, parameters.length);
    return all;
  }

  @Override
  public void close() {
    resources.close();
  }
}
