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
  }

  /** What the first member is; the others' leads, window, rate and preprocessing are the same. */
  public ModelMetadata metadata() {
    return metadata;
  }

  /**
   * The mean over members.
   *
   * @param millivolts inputs, [windows, L, n] in mV; each member standardises them as its own
   *     training set asks
   * @return reconstruction, [windows, L, T] in mV
   */
  public float[] predict(float[] millivolts) {
    float[] sum = members.getFirst().predict(millivolts).millivolts();
    for (Predictor member : members.subList(1, members.size())) {
      float[] one = member.predict(millivolts).millivolts();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += one[i];
      }
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= members.size();
    }
    return sum;
  }

  /**
   * The mean over members, of windows that the first one's metadata standardised.
   *
   * @throws IllegalStateException if those standardise each window by itself
   */
  @Override
  public float[] reconstruct(float[] inputs, int windows) {
    return predict(metadata.standardisation().millivolts(inputs));
  }

  @Override
  public void close() {
    resources.close();
  }
}
