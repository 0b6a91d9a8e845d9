// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.util.Random;
import org.precordia.runtime.DType;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Precordia's whole block, of which the convolution is three quarters of the products, on the
 * activations that cuDNN convolves.
 */
final class OwnBlock {
  private final Stream stream;
  private final DilatedStackOp inference;
  private final DilatedStackOp training;

  OwnBlock(
      Stream stream,
      Resources resources,
      ConvolutionShape shape,
      DType dtype,
      CudnnConvolution.Tensors tensors) {
    this.stream = stream;
    int channels = shape.channels();
    Tensor parameters =
        resources.allocate(stream, DType.F32, 4L * channels * channels + 4L * channels);
    Random random = new Random(1);
    float[] values = new float[(int) parameters.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt(3.0 * channels));
    }
    parameters.upload(stream, values);
    Tensor gradients = resources.allocate(stream, DType.F32, parameters.count());
    Arena arena = resources.add(Arena.ofShared());
    PackOp.Entry entry = new PackOp.Entry(PackOp.Kind.DILATED_STACK, dtype, channels, 0, 1);
    Tensor packed = resources.bytes(stream, entry.size(stream.context()));
    new PackOp(arena).add(entry, parameters, packed).run(stream);

    long[] extents = {shape.batch(), shape.length(), channels};
    training = new DilatedStackOp(arena);
    inference = new DilatedStackOp(arena).inference(true);
    for (DilatedStackOp op : new DilatedStackOp[] {training, inference}) {
      op.dilations(shape.dilation())
          .input(tensors.x().tensor(dtype, extents))
          .parameters(parameters)
          .packed(packed)
          .output(tensors.y().tensor(dtype, extents));
    }
    training
        .outputGrad(tensors.dy().tensor(dtype, extents))
        .inputGrad(tensors.dx().tensor(dtype, extents))
        .parameterGrad(gradients);
    training.saved(resources.bytes(stream, training.savedSize(stream.context())));
    Tensor workspace = resources.bytes(stream, training.workspaceSize(stream.context()));
    training.workspace(workspace);
    inference.workspace(workspace);
    training.forward(stream);
  }

  /** Computes the output, keeping nothing. */
  void forward() {
    inference.forward(stream);
  }

  /** Computes the gradients of input and parameters. */
  void backward() {
    training.backward(stream);
  }
}
