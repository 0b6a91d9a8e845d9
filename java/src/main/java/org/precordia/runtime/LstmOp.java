// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_lstm_desc;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997) in one or both directions of time, for
 * networks that the model is compared with: fp32 on the CPU alone. Parameters, direction after
 * direction, gates in PyTorch's order: [4H, C], [4H, H], [4H], [4H].
 */
public final class LstmOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public LstmOp(Arena arena) {
    super(arena, pcd_lstm_desc.layout());
  }

  /** Forward keeps nothing for backward, and needs no {@code saved}. */
  public LstmOp inference(boolean on) {
    flag(pcd_lstm_desc.flags$offset(), Precordia.PCD_FLAG_INFERENCE(), on);
    return this;
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public LstmOp accumulate(boolean on) {
    flag(pcd_lstm_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** D: 1, forward in time alone, or 2. */
  public LstmOp directions(int directions) {
    pcd_lstm_desc.directions(descriptor(), directions);
    return this;
  }

  /** Input: F32 [B, L, C]; must stay unchanged until backward. */
  public LstmOp input(Tensor tensor) {
    put(pcd_lstm_desc.input$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [D · (4H · C + 4H · H + 8H)], flat. */
  public LstmOp parameters(Tensor tensor) {
    put(pcd_lstm_desc.parameters$offset(), tensor);
    return this;
  }

  /** Output: F32 [B, L, D · H]; forward writes it, backward reads it. */
  public LstmOp output(Tensor tensor) {
    put(pcd_lstm_desc.output$offset(), tensor);
    return this;
  }

  /** Saved: what forward keeps for backward, U8 [{@link #savedSize}]. */
  public LstmOp saved(Tensor tensor) {
    put(pcd_lstm_desc.saved$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public LstmOp workspace(Tensor tensor) {
    put(pcd_lstm_desc.workspace$offset(), tensor);
    return this;
  }

  /** Output grad: F32 [B, L, D · H]; backward reads it. */
  public LstmOp outputGrad(Tensor tensor) {
    put(pcd_lstm_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Input grad: F32 [B, L, C]; backward writes it. */
  public LstmOp inputGrad(Tensor tensor) {
    put(pcd_lstm_desc.input_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public LstmOp parameterGrad(Tensor tensor) {
    put(pcd_lstm_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_lstm_workspace_size);
  }

  /** Bytes that forward keeps for backward, from shapes and flags alone. */
  public long savedSize(Context context) {
    return query(context, Precordia::pcd_lstm_saved_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_lstm_forward);
  }

  /** Computes the gradients of input and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_lstm_backward);
  }
}
