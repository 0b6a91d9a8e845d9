// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;
import java.util.Optional;
import org.precordia.model.Ensemble;
import org.precordia.model.LaggedRidge;
import org.precordia.model.ModelFile;
import org.precordia.model.WindowFunction;

/**
 * What one row of an evaluation runs. Every row is a network, the simplest ones too, so that all of
 * them see the same windows through the same code; one that cannot be a network puts a function in
 * its place, behind the same inputs and before the same sums.
 *
 * @param name name in tables
 * @param model the network; leads, window and standardisation in any case
 * @param parameters number of fitted parameters to be printed
 * @param function reconstructs in the network's place
 */
public record EvaluationRow(
    String name, ModelFile model, long parameters, Optional<WindowFunction> function) {
  /** The training set's mean of each target lead. */
  public static final String MEAN = "mean";

  /** Linear regression on the inputs, sample by sample. */
  public static final String RIDGE = "ridge";

  /** Linear regression on the neighbouring samples of the inputs and on their amplitudes. */
  public static final String RIDGE_LAGS = "ridge-lags";

  /** The network without its pathology branch. */
  public static final String NO_H = "no-h";

  /** The mean of several networks. */
  public static final String ENSEMBLE = "ensemble";

  /** The network under evaluation. */
  public static final String MODEL = "model";

  /** A row that is a network. */
  public EvaluationRow(String name, ModelFile model, long parameters) {
    this(name, model, parameters, Optional.empty());
  }

  /** A regression with lags under a name. */
  static EvaluationRow regression(String name, LaggedRidge ridge) {
    return new EvaluationRow(
        name, ModelFile.silent(ridge.metadata()), ridge.parameters(), Optional.of(ridge));
  }

  /**
   * The mean of several networks.
   *
   * @param members its networks, the first of which standardises the inputs
   * @param ensemble of these
   */
  public static EvaluationRow ensemble(List<ModelFile> members, Ensemble ensemble) {
    return new EvaluationRow(
        ENSEMBLE,
        ModelFile.silent(members.getFirst().metadata()),
        members.stream().mapToLong(ModelFile::trainedParameters).sum(),
        Optional.of(ensemble));
  }

  /** A trained network under a name. */
  public static EvaluationRow trained(String name, ModelFile model) {
    return new EvaluationRow(name, model, model.trainedParameters());
  }
}
