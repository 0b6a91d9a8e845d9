// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import org.precordia.model.ModelFile;

/**
 * What one row of an evaluation runs. Every row is a network, the simplest ones too, so that all of
 * them see the same windows through the same code.
 *
 * @param name name in tables
 * @param model the network
 * @param parameters number of fitted parameters to be printed
 */
public record EvaluationRow(String name, ModelFile model, long parameters) {
  /** The training set's mean of each target lead. */
  public static final String MEAN = "mean";

  /** Linear regression on the inputs, sample by sample. */
  public static final String RIDGE = "ridge";

  /** The network without its pathology branch. */
  public static final String NO_H = "no-h";

  /** The network under evaluation. */
  public static final String MODEL = "model";

  /** A trained network under a name. */
  public static EvaluationRow trained(String name, ModelFile model) {
    return new EvaluationRow(name, model, model.trainedParameters());
  }
}
