// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.function.Consumer;
import org.precordia.runtime.Tensor;

/**
 * Where the gradients of the parameters go.
 *
 * @param layout the parameters
 * @param flat F32, of the trainable parameters or more, laid out as they are
 * @param accumulates whether backward adds to them instead of writing them
 * @param written hears, during backward, whose gradients an op has just written
 */
public record Gradients(
    ParameterLayout layout, Tensor flat, boolean accumulates, Consumer<ParameterGroup> written) {

  /** Gradients that nobody waits for. */
  public Gradients(ParameterLayout layout, Tensor flat, boolean accumulates) {
    this(layout, flat, accumulates, group -> {});
  }

  /** The gradient of one op's parameters. */
  public Tensor of(ParameterGroup group) {
    ParameterLayout.Range range = layout.range(group);
    return flat.slice(range.begin(), range.end());
  }
}
