// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_convolution_desc;

/**
 * A convolution over time with any taps and stride, or its transpose, for networks that the model
 * is compared with: fp32 on the CPU alone. Parameters: weight [O, I, taps], transposed [I, O,
 * taps], then bias [O].
 */
public final class ConvolutionOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public ConvolutionOp(Arena arena) {
    super(arena, pcd_convolution_desc.layout());
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public ConvolutionOp accumulate(boolean on) {
    flag(pcd_convolution_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Backward adds to the input's gradient instead of writing it. */
  public ConvolutionOp accumulateInput(boolean on) {
    flag(pcd_convolution_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE_INPUT(), on);
    return this;
  }

  /** Taps, samples from one output to the next, and zeros before the first sample. */
  public ConvolutionOp taps(int taps, int stride, int padding) {
    pcd_convolution_desc.taps(descriptor(), taps);
    pcd_convolution_desc.stride(descriptor(), stride);
    pcd_convolution_desc.padding(descriptor(), padding);
    return this;
  }

  /** Whether it makes a longer signal of a shorter one. */
  public ConvolutionOp transposed(boolean on) {
    pcd_convolution_desc.transposed(descriptor(), on ? 1 : 0);
    return this;
  }

  /** Input: F32 [B, L, I]; must stay unchanged until backward. */
  public ConvolutionOp input(Tensor tensor) {
    put(pcd_convolution_desc.input$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [O · I · taps + O], flat. */
  public ConvolutionOp parameters(Tensor tensor) {
    put(pcd_convolution_desc.parameters$offset(), tensor);
    return this;
  }

  /** Addend: F32 [B, M, O]; may be absent or the memory of the output; forward reads it. */
  public ConvolutionOp addend(Tensor tensor) {
    put(pcd_convolution_desc.addend$offset(), tensor);
    return this;
  }

  /** Output: F32 [B, M, O]; forward writes it. */
  public ConvolutionOp output(Tensor tensor) {
    put(pcd_convolution_desc.output$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public ConvolutionOp workspace(Tensor tensor) {
    put(pcd_convolution_desc.workspace$offset(), tensor);
    return this;
  }

  /** Output grad: F32 [B, M, O], the addend's gradient too; backward reads it. */
  public ConvolutionOp outputGrad(Tensor tensor) {
    put(pcd_convolution_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Input grad: F32 [B, L, I]; may be absent; backward writes it. */
  public ConvolutionOp inputGrad(Tensor tensor) {
    put(pcd_convolution_desc.input_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public ConvolutionOp parameterGrad(Tensor tensor) {
    put(pcd_convolution_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_convolution_workspace_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_convolution_forward);
  }

  /** Computes the gradients of input and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_convolution_backward);
  }
}
