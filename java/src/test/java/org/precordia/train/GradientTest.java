// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.precordia.TestBackend;
import org.precordia.data.Shard;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.ParameterTensor;
import org.precordia.runtime.MetricsRow;
import org.precordia.signal.Philox;

/**
 * The gradient of whole training steps, against finite differences and against itself in chunks.
 */
class GradientTest {
  private static final int WINDOWS = 16;

  @TempDir static Path folder;

  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 60);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  /** Rates so small that no parameter moves, and losses of equal standing. */
  private static Recipe frozen(Recipe recipe) {
    Recipe small =
        TrainingShard.small(recipe, WINDOWS, 1, 1)
            .with("stages.0.rate.peak", "1e-30")
            .with("stages.0.weightDecay", "0")
            .with("stages.0.loss.contrastive", "0.3")
            .with("stages.0.loss.classifier", "0.5");
    return small.with("stages.0.loss.l1", "0.2");
  }

  /** Parameters away from the zeros that FiLM and head start with. */
  private static float[] parameters(StepFixture fixture) {
    float[] flat = fixture.weights.values().floats(fixture.stream);
    Philox random = new Philox(3, 0, 0, 0);
    for (ParameterTensor tensor : fixture.weights.layout().tensors()) {
      if (tensor.start() != ParameterTensor.Start.UNIFORM) {
        for (int i = (int) tensor.offset(); i < tensor.end(); i++) {
          flat[i] += (float) (0.1 * random.normal());
        }
      }
    }
    return flat;
  }

  private static double lossAt(StepFixture fixture, float[] flat) {
    fixture.weights.upload(flat);
    fixture.rewind();
    fixture.launch();
    return fixture.firstRow().loss();
  }

  /**
   * Along random directions that favour the gradient's own signs, for every tensor: the loss must
   * rise as the gradient says. fp32 losses limit the step, so tensors whose gradient is tiny are
   * compared with the noise of the difference.
   */
  private static void compareWithDifferences(Recipe recipe, TrainingOptions options, Range range) {
    try (StepFixture fixture = new StepFixture(shard, frozen(recipe), options, 1, 1)) {
      float[] flat = parameters(fixture);
      double loss = lossAt(fixture, flat);
      assertTrue(Double.isFinite(loss));
      float[] gradient = fixture.optimiser.gradients().floats(fixture.stream);
      Philox random = new Philox(4, 0, 0, 0);
      int checked = 0;
      for (ParameterTensor tensor : fixture.weights.layout().tensors()) {
        if (tensor.offset() < range.begin() || tensor.end() > range.end()) {
          continue;
        }
        double[] direction = new double[(int) tensor.count()];
        double squares = 0;
        for (int i = 0; i < direction.length; i++) {
          double sign = Math.signum(gradient[(int) tensor.offset() + i]);
          direction[i] = Math.abs(random.normal()) * sign + 0.2 * random.normal();
          squares += direction[i] * direction[i];
        }
        double slope = 0;
        for (int i = 0; i < direction.length; i++) {
          direction[i] /= Math.sqrt(squares);
          slope += direction[i] * gradient[(int) tensor.offset() + i];
        }
        // Aim at a change of 0.3 % of the loss, within the range where the loss is smooth.
        double h = Math.min(0.02, 3e-3 * loss / Math.max(Math.abs(slope), 1e-9));
        double up = lossAt(fixture, moved(flat, tensor, direction, h));
        double down = lossAt(fixture, moved(flat, tensor, direction, -h));
        double difference = (up - down) / (2 * h);
        double noise = 4e-7 * loss / h;
        assertEquals(slope, difference, 0.02 * Math.abs(slope) + noise, tensor.name());
        if (Math.abs(slope) > 20 * noise) {
          checked++;
        }
      }
      assertTrue(checked > 10, checked + " tensors had a gradient well above the noise");
    }
  }

  private static float[] moved(float[] flat, ParameterTensor tensor, double[] direction, double h) {
    float[] result = flat.clone();
    for (int i = 0; i < direction.length; i++) {
      result[(int) tensor.offset() + i] += (float) (h * direction[i]);
    }
    return result;
  }

  @Test
  void jointGradientIsThatOfTheLoss() {
    TrainingOptions options = TrainingShard.narrow().build();
    try (StepFixture fixture = new StepFixture(shard, frozen(Recipe.joint()), options, 1, 1)) {
      Range range = fixture.weights.layout().trainable();
      compareWithDifferences(Recipe.joint(), options, range);
    }
  }

  @Test
  void contrastiveGradientIsThatOfTheLoss() {
    TrainingOptions options = TrainingShard.narrow().build();
    try (StepFixture fixture = new StepFixture(shard, frozen(Recipe.twoStage()), options, 1, 1)) {
      Range range = fixture.weights.layout().pathology();
      compareWithDifferences(Recipe.twoStage(), options, range);
    }
  }

  @Test
  void gradientWithoutPathologyIsThatOfTheLoss() {
    TrainingOptions options = TrainingShard.narrow().conditioning(Conditioning.NONE).build();
    try (StepFixture fixture = new StepFixture(shard, frozen(Recipe.joint()), options, 1, 1)) {
      Range range = fixture.weights.layout().trainable();
      compareWithDifferences(Recipe.joint(), options, range);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"UNET", "LSTM_UNET"})
  void gradientOfANetworkToCompareWithIsThatOfTheLoss(Architecture architecture) {
    TestBackend.assumeCpu("networks to compare with");
    TrainingOptions options = TrainingShard.narrow().architecture(architecture).build();
    ParameterLayout layout = new ParameterLayout(options.network(List.of(), true));
    compareWithDifferences(Recipe.joint(), options, layout.trainable());
  }

  @Test
  void gradientWithAmplitudesIsThatOfTheLoss() {
    TestBackend.assumeCpu("amplitudes");
    TrainingOptions options = TrainingShard.narrow().conditioning(Conditioning.AMPLITUDE).build();
    ParameterLayout layout = new ParameterLayout(options.network(List.of(), true));
    compareWithDifferences(Recipe.joint(), options, layout.trainable());
  }

  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"UNET", "LSTM_UNET"})
  void aNetworkToCompareWithInChunksEqualsTheWholeBatch(Architecture architecture) {
    TestBackend.assumeCpu("networks to compare with");
    compareChunks(Recipe.joint(), TrainingShard.narrow().architecture(architecture).build());
  }

  @Test
  void jointInChunksEqualsTheWholeBatch() {
    compareChunks(Recipe.joint(), TrainingShard.narrow().build());
  }

  @Test
  void contrastiveInChunksEqualsTheWholeBatch() {
    compareChunks(Recipe.twoStage(), TrainingShard.narrow().build());
  }

  @Test
  void withoutPathologyInChunksEqualsTheWholeBatch() {
    compareChunks(Recipe.joint(), TrainingShard.narrow().conditioning(Conditioning.NONE).build());
  }

  private static void compareChunks(Recipe recipe, TrainingOptions options) {
    Recipe small = frozen(recipe);
    float[] whole;
    MetricsRow wholeRow;
    float[] flat;
    Range range;
    try (StepFixture fixture = new StepFixture(shard, small, options, 1, 1)) {
      flat = parameters(fixture);
      lossAt(fixture, flat);
      wholeRow = fixture.firstRow();
      whole = fixture.optimiser.gradients().floats(fixture.stream);
      range = Optimiser.range(fixture.weights.layout(), small.stages().getFirst().kind());
    }
    for (int chunks : List.of(2, 4)) {
      try (StepFixture fixture = new StepFixture(shard, small, options, chunks, 1)) {
        lossAt(fixture, flat);
        MetricsRow row = fixture.firstRow();
        float[] parts = fixture.optimiser.gradients().floats(fixture.stream);
        assertEquals(wholeRow.loss(), row.loss(), 2e-6 * wholeRow.loss());
        assertEquals(wholeRow.anchors(), row.anchors());
        assertEquals(wholeRow.reconstruction(), row.reconstruction(), 1e-6);
        assertEquals(wholeRow.contrastive(), row.contrastive(), 1e-5);
        double squares = 0;
        double error = 0;
        for (int i = (int) range.begin(); i < range.end(); i++) {
          squares += (double) whole[i] * whole[i];
          error += Math.pow(whole[i] - parts[i], 2);
        }
        assertTrue(squares > 0);
        double relative = Math.sqrt(error / squares);
        assertTrue(relative < 5e-6, chunks + " chunks differ by " + relative);
      }
    }
  }
}
