// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.util.Collections;
import java.util.List;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.Initialisation;
import org.precordia.model.LeadSets;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.Standardisation;
import org.precordia.signal.Philox;
import org.precordia.signal.Preprocessing;

/** Models for tests: small networks whose head is zero, so that the output is their anchor's. */
public final class TestModels {
  static final float MEAN = 0.01f;
  public static final float DEVIATION = 0.2f;
  static final float LIMIT = 3f;

  /** Weight of input n for target t. */
  public static float weight(int target, int input) {
    return 0.05f * (target + 1) - 0.1f * input;
  }

  /** Bias of target t in mV. */
  static float bias(int target) {
    return 0.02f * target;
  }

  private TestModels() {}

  /** A model from I, II, V2 to V1, V3–V6 that is linear, with the weights above. */
  public static ModelFile linear() {
    return linear(LeadSets.DEFAULT);
  }

  /** A model of any leads that is linear, with the weights above. */
  static ModelFile linear(LeadSets leads) {
    NetworkConfig network =
        new NetworkConfig(
            8,
            leads.inputs(),
            leads.targets(),
            NetworkConfig.DEFAULT_WINDOW,
            16,
            List.of("NORM", "AMI"),
            Architecture.DILATED,
            Conditioning.EMBEDDING,
            true);
    ParameterLayout layout = new ParameterLayout(network);
    float[] parameters = Initialisation.draw(layout, 3);
    int inputs = network.inputs().size();
    int targets = network.targets().size();
    int begin = Math.toIntExact(layout.range(ParameterGroup.ANCHOR).begin());
    for (int t = 0; t < targets; t++) {
      for (int n = 0; n < inputs; n++) {
        parameters[begin + t * inputs + n] = weight(t, n);
      }
      parameters[begin + targets * inputs + t] = bias(t);
    }
    Standardisation standardisation =
        new Standardisation(
            Standardisation.Mode.SET,
            Collections.nCopies(inputs, MEAN),
            Collections.nCopies(inputs, DEVIATION),
            Collections.nCopies(inputs, LIMIT));
    return new ModelFile(
        new ModelMetadata(network, 100, Preprocessing.DEFAULT, standardisation, "{}", "{}", "test"),
        parameters);
  }

  /** A model of the default leads whose every parameter does something. */
  public static ModelFile random(boolean pathology) {
    ModelMetadata linear = linear().metadata();
    NetworkConfig network =
        linear.network().withConditioning(pathology ? Conditioning.EMBEDDING : Conditioning.NONE);
    float[] parameters = Initialisation.draw(new ParameterLayout(network), 5);
    Philox random = new Philox(11, 0, 0, 0);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += (float) (0.1 * random.normal());
    }
    return new ModelFile(
        new ModelMetadata(
            network, 100, Preprocessing.DEFAULT, linear.standardisation(), "{}", "{}", "test"),
        parameters);
  }
}
