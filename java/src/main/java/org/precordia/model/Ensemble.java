// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.ArrayList;
import java.util.List;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/**
 * The mean of what several networks reconstruct (Lakshminarayanan et al., 2017, without their
 * adversarial training): networks that differ in their seed alone err differently where the
 * training set says little. One thread at a time.
 */
public final class Ensemble implements WindowFunction, AutoCloseable {
  private final Resources resources = new Resources();
  private final ModelMetadata metadata;
  private final List<Predictor> members = new ArrayList<>();

  /**
   * Uploads the members.
   *
   * @param models at least one; all with the first one's leads, window, rate and preprocessing
   * @param largest most windows that run at once, a power of two
   * @param precision storage of activations
   * @throws IllegalArgumentException if the members do not reconstruct the same from the same
   */
  public Ensemble(Stream stream, List<ModelFile> models, int largest, Precision precision) {
    metadata = models.getFirst().metadata();
    models.forEach(model -> requireAlike(model.metadata()));
    boolean complete = false;
    try {
      for (ModelFile model : models) {
        members.add(resources.add(new Predictor(stream, model, largest, precision)));
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  private void requireAlike(ModelMetadata other) {
    NetworkConfig own = metadata.network();
    NetworkConfig its = other.network();
    if (!own.inputs().equals(its.inputs())
        || !own.targets().equals(its.targets())
        || own.window() != its.window()
        || metadata.rate() != other.rate()
        || metadata.preprocessing() != other.preprocessing()) {
      throw new IllegalArgumentException(
          "the members of an ensemble reconstruct the same leads from the same ones, in windows of"
              + " one length and preprocessing");
    }
    if (metadata.standardisation().mode() != Standardisation.Mode.SET) {
      throw new IllegalArgumentException(
          "an ensemble takes models that are standardised by their training set, whose millivolts"
              + " can be had back");
    }
  }

  /**
   * The mean over members.
   *
   * @param inputs [windows, L, n] as the first member standardises them; every member's own
   *     training set had other means and deviations
   */
  @Override
  public float[] reconstruct(float[] inputs, int windows) {
    float[] millivolts = metadata.standardisation().millivolts(inputs);
    float[] mean = null;
    for (Predictor member : members) {
      float[] one = member.predict(millivolts).millivolts();
      if (mean == null) {
        mean = one;
      } else {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += one[i];
        }
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= members.size();
    }
    return mean;
  }

  @Override
  public void close() {
    resources.close();
  }
}
