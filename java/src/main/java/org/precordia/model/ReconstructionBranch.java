// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** What makes the targets in mV of the inputs: the ops of one architecture, prepared. */
interface ReconstructionBranch {
  /**
   * Lets backward tell the gradient of h.
   *
   * @param gradient F32 [B, C]
   * @param add whether it is added to what is there, rather than written
   */
  void gradientOfH(Tensor gradient, boolean add);

  /** Sets where gradients of the parameters go. */
  void gradients(Gradients gradients);

  /** Allocates what forward keeps and registers the scratch memory. */
  void plan(Stream stream, Resources resources, Scratch scratch, boolean training);

  /** Computes the output. */
  void forward(Stream stream);

  /** From the output's gradient to those of parameters and of h. */
  void backward(Stream stream);
}
