// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.runtime.Buffer;
import org.precordia.runtime.Stream;

/**
 * A block's dilated convolution by cuDNN, on our stream and our memory, by its convolution API of
 * descriptors, with the algorithm that cuDNN itself measures to be the fastest. Without the bias.
 */
final class CudnnConvolution implements AutoCloseable {
  private static final int MOST_ALGORITHMS = 16;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1f);
  private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0f);
  private final ConvolutionDescriptors descriptors;
  private final Buffer workspace;
  private final MemorySegment handle;

  /** What cuDNN chose for a pass. */
  private record Choice(int algorithm, int mathType) {}

  /**
   * Addresses of a convolution's tensors in device memory.
   *
   * @param x input [B, L, C]
   * @param w weights [C, 3, C]: output channel, tap, input channel
   * @param y output, as x
   * @param dy gradient of the output
   * @param dx gradient of the input
   * @param dw gradient of the weights
   */
  record Tensors(Buffer x, Buffer w, Buffer y, Buffer dy, Buffer dx, Buffer dw) {}

  private Choice forward;
  private Choice backwardData;
  private Choice backwardFilter;

  /**
   * Prepares a convolution.
   *
   * @param workspace memory that algorithms may use while they are compared and run
   */
  CudnnConvolution(Stream stream, ConvolutionShape shape, Buffer workspace) {
    this.workspace = workspace;
    descriptors = new ConvolutionDescriptors(shape);
    MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
    CudnnException.check("cudnnCreate", Cudnn.cudnnCreate(out));
    handle = out.get(ValueLayout.ADDRESS, 0);
    CudnnException.check("cudnnSetStream", Cudnn.cudnnSetStream(handle, stream.nativeHandle()));
  }

  /** Lets cuDNN measure its algorithms for all passes on these tensors, which it overwrites. */
  void choose(Tensors t) {
    forward =
        choose(
            "cudnnFindConvolutionForwardAlgorithmEx",
            (found, results) ->
                Cudnn.cudnnFindConvolutionForwardAlgorithmEx(
                    handle,
                    descriptors.activation(),
                    t.x().deviceAddress(),
                    descriptors.filter(),
                    t.w().deviceAddress(),
                    descriptors.convolution(),
                    descriptors.activation(),
                    t.y().deviceAddress(),
                    MOST_ALGORITHMS,
                    found,
                    results,
                    workspace.deviceAddress(),
                    workspace.bytes()));
    backwardData =
        choose(
            "cudnnFindConvolutionBackwardDataAlgorithmEx",
            (found, results) ->
                Cudnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
                    handle,
                    descriptors.filter(),
                    t.w().deviceAddress(),
                    descriptors.activation(),
                    t.dy().deviceAddress(),
                    descriptors.convolution(),
                    descriptors.activation(),
                    t.dx().deviceAddress(),
                    MOST_ALGORITHMS,
                    found,
                    results,
                    workspace.deviceAddress(),
                    workspace.bytes()));
    backwardFilter =
        choose(
            "cudnnFindConvolutionBackwardFilterAlgorithmEx",
            (found, results) ->
                Cudnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
                    handle,
                    descriptors.activation(),
                    t.x().deviceAddress(),
                    descriptors.activation(),
                    t.dy().deviceAddress(),
                    descriptors.convolution(),
                    descriptors.filter(),
                    t.dw().deviceAddress(),
                    MOST_ALGORITHMS,
                    found,
                    results,
                    workspace.deviceAddress(),
                    workspace.bytes()));
  }

  /** Computes y. */
  void forward(Tensors t) {
    use(forward);
    CudnnException.check(
        "cudnnConvolutionForward",
        Cudnn.cudnnConvolutionForward(
            handle,
            one,
            descriptors.activation(),
            t.x().deviceAddress(),
            descriptors.filter(),
            t.w().deviceAddress(),
            descriptors.convolution(),
            forward.algorithm(),
            workspace.deviceAddress(),
            workspace.bytes(),
            zero,
            descriptors.activation(),
            t.y().deviceAddress()));
  }

  /** Computes dx and dw. */
  void backward(Tensors t) {
    use(backwardData);
    CudnnException.check(
        "cudnnConvolutionBackwardData",
        Cudnn.cudnnConvolutionBackwardData(
            handle,
            one,
            descriptors.filter(),
            t.w().deviceAddress(),
            descriptors.activation(),
            t.dy().deviceAddress(),
            descriptors.convolution(),
            backwardData.algorithm(),
            workspace.deviceAddress(),
            workspace.bytes(),
            zero,
            descriptors.activation(),
            t.dx().deviceAddress()));
    use(backwardFilter);
    CudnnException.check(
        "cudnnConvolutionBackwardFilter",
        Cudnn.cudnnConvolutionBackwardFilter(
            handle,
            one,
            descriptors.activation(),
            t.x().deviceAddress(),
            descriptors.activation(),
            t.dy().deviceAddress(),
            descriptors.convolution(),
            backwardFilter.algorithm(),
            workspace.deviceAddress(),
            workspace.bytes(),
            zero,
            descriptors.filter(),
            t.dw().deviceAddress()));
  }

  private void use(Choice choice) {
    CudnnException.check(
        "cudnnSetConvolutionMathType",
        Cudnn.cudnnSetConvolutionMathType(descriptors.convolution(), choice.mathType()));
  }

  /** Runs a search and takes its first success: results come fastest first. */
  private Choice choose(String function, Search search) {
    // The three passes' results have one layout, which a test holds the bindings to.
    MemorySegment results = cudnnConvolutionFwdAlgoPerfStruct.allocateArray(MOST_ALGORITHMS, arena);
    MemorySegment found = arena.allocate(ValueLayout.JAVA_INT);
    CudnnException.check(function, search.run(found, results));
    int status = Cudnn.CUDNN_STATUS_BAD_PARAM();
    for (int i = 0; i < found.get(ValueLayout.JAVA_INT, 0); i++) {
      MemorySegment result = cudnnConvolutionFwdAlgoPerfStruct.asSlice(results, i);
      status = cudnnConvolutionFwdAlgoPerfStruct.status(result);
      if (status == Cudnn.CUDNN_STATUS_SUCCESS()) {
        return new Choice(
            cudnnConvolutionFwdAlgoPerfStruct.algo(result),
            cudnnConvolutionFwdAlgoPerfStruct.mathType(result));
      }
    }
    throw new CudnnException(function + " found no algorithm for this shape", status);
  }

  private interface Search {
    int run(MemorySegment found, MemorySegment results);
  }

  @Override
  public void close() {
    Cudnn.cudnnDestroy(handle);
    descriptors.close();
    arena.close();
  }
}
