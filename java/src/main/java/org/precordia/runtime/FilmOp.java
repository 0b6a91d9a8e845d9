// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_film_desc;

/**
 * Feature-wise linear modulation (Perez et al. 2018): (g, b) = W·h + bias, y = x·(1 + g) + b.
 * Parameters: weight [2C, C] with g first, bias [2C].
 */
public final class FilmOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public FilmOp(Arena arena) {
    super(arena, pcd_film_desc.layout());
  }

  /** Forward keeps nothing for backward, and needs no {@code saved}. */
  public FilmOp inference(boolean on) {
    flag(pcd_film_desc.flags$offset(), Precordia.PCD_FLAG_INFERENCE(), on);
    return this;
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public FilmOp accumulate(boolean on) {
    flag(pcd_film_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Backward adds to the gradient of h instead of writing it. */
  public FilmOp accumulateInput(boolean on) {
    flag(pcd_film_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE_INPUT(), on);
    return this;
  }

  /** Input: F32 or BF16 [B, L, C]. */
  public FilmOp input(Tensor tensor) {
    put(pcd_film_desc.input$offset(), tensor);
    return this;
  }

  /** H: F32 [B, C]. */
  public FilmOp h(Tensor tensor) {
    put(pcd_film_desc.h$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [2C² + 2C], flat. */
  public FilmOp parameters(Tensor tensor) {
    put(pcd_film_desc.parameters$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public FilmOp packed(Tensor tensor) {
    put(pcd_film_desc.packed$offset(), tensor);
    return this;
  }

  /** Output: [B, L, C]; in inference it may be the input's memory; forward writes it. */
  public FilmOp output(Tensor tensor) {
    put(pcd_film_desc.output$offset(), tensor);
    return this;
  }

  /** Saved: what forward keeps for backward, U8 [{@link #savedSize}]. */
  public FilmOp saved(Tensor tensor) {
    put(pcd_film_desc.saved$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public FilmOp workspace(Tensor tensor) {
    put(pcd_film_desc.workspace$offset(), tensor);
    return this;
  }

  /** Output grad: [B, L, C]; backward reads it. */
  public FilmOp outputGrad(Tensor tensor) {
    put(pcd_film_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Input grad: [B, L, C], may be the memory of the output's gradient; backward writes it. */
  public FilmOp inputGrad(Tensor tensor) {
    put(pcd_film_desc.input_grad$offset(), tensor);
    return this;
  }

  /** H grad: F32 [B, C]; may be absent; backward writes it. */
  public FilmOp hGrad(Tensor tensor) {
    put(pcd_film_desc.h_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public FilmOp parameterGrad(Tensor tensor) {
    put(pcd_film_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_film_workspace_size);
  }

  /** Bytes that forward keeps for backward, from shapes and flags alone. */
  public long savedSize(Context context) {
    return query(context, Precordia::pcd_film_saved_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_film_forward);
  }

  /** Computes the gradients of input, h and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_film_backward);
  }
}
