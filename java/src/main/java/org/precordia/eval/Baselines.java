// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.data.WindowLimits;
import org.precordia.data.Windows;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.Initialisation;
import org.precordia.model.LaggedRidge;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.Precision;
import org.precordia.model.RidgeAnchor;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;
import org.precordia.runtime.Stream;

/**
 * The rows of an evaluation that need no training: the mean of each target lead, ridge regression,
 * and the same with lags. The first two are written as models, of the narrowest network with a head
 * of zeros, whose anchor does all the work.
 */
public final class Baselines {
  private static final int WIDTH = 8;
  private static final int BATCH = 128;

  private final Path folder;

  /**
   * @param run folder of a training run
   */
  public Baselines(Path run) {
    this.folder = run.resolve("rows");
  }

  /** Where the model of a row lies. */
  public Path file(String row) {
    return folder.resolve(row + ".safetensors");
  }

  /** The rows of the run that exist, in the order of the table, without the model itself. */
  public List<EvaluationRow> read() throws IOException {
    return java.util.stream.Stream.of(
            readFitted(EvaluationRow.MEAN),
            readFitted(EvaluationRow.RIDGE),
            readLagged(),
            readTrained(EvaluationRow.NO_H))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<EvaluationRow> readFitted(String name) throws IOException {
    if (!Files.exists(file(name))) {
      return Optional.empty();
    }
    ModelFile model = ModelFile.read(file(name));
    NetworkConfig network = model.metadata().network();
    long targets = network.targets().size();
    long parameters =
        name.equals(EvaluationRow.MEAN) ? targets : targets * (network.inputs().size() + 1);
    return Optional.of(new EvaluationRow(name, model, parameters));
  }

  private Optional<EvaluationRow> readLagged() throws IOException {
    Path file = file(EvaluationRow.RIDGE_LAGS);
    return Files.exists(file)
        ? Optional.of(EvaluationRow.regression(EvaluationRow.RIDGE_LAGS, LaggedRidge.read(file)))
        : Optional.empty();
  }

  private Optional<EvaluationRow> readTrained(String name) throws IOException {
    return Files.exists(file(name))
        ? Optional.of(EvaluationRow.trained(name, ModelFile.read(file(name))))
        : Optional.empty();
  }

  /**
   * Fits mean and ridge on the training windows of a shard, those of the inner validation patients
   * included, and writes them.
   *
   * @param model the trained model: its leads, standardisation and provenance are taken over
   * @param records the training records
   * @param placement where the shard's samples lie meanwhile
   */
  public void fit(
      Stream stream, Shard shard, ModelMetadata model, int[] records, DataPlacement placement)
      throws IOException {
    Windows.Selection windows = windows(shard, records);
    NetworkConfig network = narrow(model.network());
    float[] ridge;
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement);
        WindowSource source = new WindowSource(stream, network, model.standardisation(), data)) {
      ridge = RidgeAnchor.fit(source, WindowRef.list(windows), BATCH, RidgeAnchor.DEFAULT_PENALTY);
    }
    float[] mean = new float[ridge.length];
    double[] means = means(shard, windows, network.targets());
    for (int i = 0; i < means.length; i++) {
      mean[mean.length - means.length + i] = (float) means[i];
    }
    Files.createDirectories(folder);
    write(EvaluationRow.MEAN, model, network, mean);
    write(EvaluationRow.RIDGE, model, network, ridge);
  }

  /**
   * Fits ridge with lags on the same windows, and writes it.
   *
   * @param model leads, standardisation and provenance are taken over
   * @param records the training records
   * @param placement where the shard's samples lie meanwhile
   */
  public void fitLagged(
      Stream stream, Shard shard, ModelMetadata model, int[] records, DataPlacement placement)
      throws IOException {
    ModelMetadata metadata = model.withNetwork(narrow(model.network()));
    NetworkConfig network = metadata.network();
    LaggedRidge ridge;
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement);
        WindowSource source = new WindowSource(stream, network, model.standardisation(), data);
        Weights weights = new Weights(stream, network, Precision.FP32.storage())) {
      weights.upload(ModelFile.silent(metadata).parameters());
      try (WindowRunner runner =
          new WindowRunner(source, weights, BATCH, WindowRunner.Mode.RECONSTRUCTION)) {
        List<WindowRef> windows = WindowRef.list(windows(shard, records));
        ridge = LaggedRidge.fit(metadata, runner, windows, RidgeAnchor.DEFAULT_PENALTY);
      }
    }
    Files.createDirectories(folder);
    ridge.write(file(EvaluationRow.RIDGE_LAGS));
  }

  private static Windows.Selection windows(Shard shard, int[] records) {
    return Windows.forTraining(shard, records, WindowLimits.measure(shard, records))
        .thinned(Windows.MOST_MEASURED);
  }

  private static NetworkConfig narrow(NetworkConfig network) {
    return new NetworkConfig(
        WIDTH,
        network.inputs(),
        network.targets(),
        network.window(),
        network.embedding(),
        List.of(),
        Architecture.DILATED,
        Conditioning.NONE,
        true);
  }

  /** Mean in mV of each target lead over the windows. */
  private static double[] means(Shard shard, Windows.Selection windows, List<Lead> targets) {
    double[] sums = new double[targets.size()];
    short[] row = new short[Windows.LENGTH];
    for (int i = 0; i < windows.size(); i++) {
      for (int t = 0; t < sums.length; t++) {
        int stored = Lead.INDEPENDENT.indexOf(targets.get(t));
        shard.copy(windows.records()[i], stored, windows.starts()[i], row);
        long sum = 0;
        for (short value : row) {
          sum += value;
        }
        sums[t] += sum / 1000.0;
      }
    }
    double count = (double) windows.size() * Windows.LENGTH;
    return Arrays.stream(sums).map(sum -> sum / count).toArray();
  }

  private void write(String row, ModelMetadata model, NetworkConfig network, float[] anchor)
      throws IOException {
    ParameterLayout layout = new ParameterLayout(network);
    float[] parameters = Initialisation.draw(layout, 0);
    ParameterLayout.Range range = layout.range(ParameterGroup.ANCHOR);
    System.arraycopy(anchor, 0, parameters, Math.toIntExact(range.begin()), anchor.length);
    new ModelFile(model.withNetwork(network), parameters).write(file(row));
  }
}
