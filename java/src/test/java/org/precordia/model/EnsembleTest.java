// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.precordia.TestBackend;
import org.precordia.TestModels;
import org.precordia.data.Lead;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.signal.Philox;
import org.precordia.signal.Preprocessing;

/** The mean of several networks, each with its own training set's standardisation. */
class EnsembleTest {
  private static final int WINDOWS = 3;

  private static Context context;
  private static Stream stream;

  @BeforeAll
  static void open() {
    context = Context.open(TestBackend.select());
    stream = context.stream();
  }

  @AfterAll
  static void close() {
    stream.close();
    context.close();
  }

  @Test
  void givesTheMeanOfWhatItsMembersReconstruct() {
    ModelFile first = TestModels.random(true);
    ModelFile second = standardisedOtherwise(TestModels.random(false));
    float[] millivolts = millivolts();
    float[] inputs = new float[millivolts.length];
    first
        .metadata()
        .standardisation()
        .apply(millivolts, first.metadata().network().window(), inputs);
    float[] one = predict(first, millivolts);
    float[] other = predict(second, millivolts);
    float[] mean = new float[one.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (one[i] + other[i]) / 2;
    }
    try (Ensemble ensemble = new Ensemble(stream, List.of(first, second), 4, Precision.FP32)) {
      assertArrayEquals(mean, ensemble.reconstruct(inputs, WINDOWS), 1e-4f);
    }
  }

  @Test
  void refusesMembersThatReconstructSomethingElse() {
    ModelFile model = TestModels.random(false);
    ModelMetadata metadata = model.metadata();
    NetworkConfig fewer =
        metadata.network().withLeads(metadata.network().inputs(), List.of(Lead.V1));
    ModelFile other =
        new ModelFile(
            new ModelMetadata(
                fewer, 100, Preprocessing.DEFAULT, metadata.standardisation(), "{}", "{}", "test"),
            new float[(int) new ParameterLayout(fewer).size()]);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Ensemble(stream, List.of(model, other), 4, Precision.FP32));
    assertTrue(refused.getMessage().contains("same leads"), refused.getMessage());
  }

  private static ModelFile standardisedOtherwise(ModelFile model) {
    ModelMetadata metadata = model.metadata();
    int inputs = metadata.network().inputs().size();
    Standardisation other =
        new Standardisation(
            Standardisation.Mode.SET,
            Collections.nCopies(inputs, 0.1f),
            Collections.nCopies(inputs, 0.7f),
            metadata.standardisation().limit());
    return new ModelFile(
        new ModelMetadata(
            metadata.network(), 100, Preprocessing.DEFAULT, other, "{}", "{}", "test"),
        model.parameters());
  }

  private static float[] predict(ModelFile model, float[] millivolts) {
    try (Predictor predictor = new Predictor(stream, model, 4, Precision.FP32)) {
      return predictor.predict(millivolts).millivolts();
    }
  }

  private static float[] millivolts() {
    NetworkConfig network = TestModels.random(false).metadata().network();
    float[] values = new float[WINDOWS * network.window() * network.inputs().size()];
    Philox random = new Philox(3, 0, 0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.normal();
    }
    return values;
  }
}
