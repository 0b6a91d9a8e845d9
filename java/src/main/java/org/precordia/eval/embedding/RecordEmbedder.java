// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Stream;

/** Runs the pathology branch over all evaluation windows of records and averages by record. */
final class RecordEmbedder {
  private static final int BATCH = 64;

  private final Stream stream;
  private final Shard shard;
  private final DataPlacement placement;
  private final Precision precision;

  RecordEmbedder(Stream stream, Shard shard, DataPlacement placement, Precision precision) {
    this.stream = stream;
    this.shard = shard;
    this.placement = placement;
    this.precision = precision;
  }

  /**
   * Embeds records, in their order; those without a usable window are left out.
   *
   * @param model one with a pathology branch
   * @param windows of the records, record after record
   * @param done hears how many windows are done
   */
  List<EmbeddedRecord> embed(ModelFile model, Windows.Selection windows, IntConsumer done) {
    NetworkConfig network = model.metadata().network();
    List<WindowRef> refs = WindowRef.list(windows);
    Averages averages = new Averages(network);
    if (refs.isEmpty()) {
      return List.of();
    }
    try (PhaseSpan _ = new PhaseSpan("embed", refs.size() + " windows");
        DeviceRecords data = new DeviceRecords(stream, shard, null, placement);
        WindowSource source =
            new WindowSource(stream, network, model.metadata().standardisation(), data);
        Weights weights = new Weights(stream, network, precision.storage())) {
      weights.upload(model.parameters());
      try (WindowRunner runner =
          new WindowRunner(
              source, weights, Math.min(BATCH, refs.size()), WindowRunner.Mode.EMBEDDING)) {
        runner.run(
            refs,
            batch -> {
              float[] h = batch.h();
              float[] z = batch.z();
              float[] logits = network.classifier() ? batch.logits() : new float[0];
              for (int i = 0; i < batch.count(); i++) {
                averages.add(batch.windows().get(i).record(), i, h, z, logits);
              }
              done.accept(batch.first() + batch.count());
            });
      }
    }
    return averages.finish();
  }

  /** Sums of one record after the other. */
  private final class Averages {
    private final NetworkConfig network;
    private final List<EmbeddedRecord> records = new ArrayList<>();
    private int current = -1;
    private int count;
    private double[] h;
    private double[] z;
    private double[] logits;

    Averages(NetworkConfig network) {
      this.network = network;
    }

    void add(int record, int window, float[] allH, float[] allZ, float[] allLogits) {
      if (record != current) {
        finish();
        current = record;
        count = 0;
        h = new double[network.width()];
        z = new double[network.embedding()];
        logits = new double[network.classifier() ? network.labels().size() : 0];
      }
      count++;
      addRow(h, allH, window);
      addRow(z, allZ, window);
      addRow(logits, allLogits, window);
    }

    private void addRow(double[] sums, float[] values, int row) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += values[row * sums.length + c];
      }
    }

    List<EmbeddedRecord> finish() {
      if (current >= 0) {
        records.add(new EmbeddedRecord(shard.record(current), mean(h), mean(z), mean(logits)));
        current = -1;
      }
      return records;
    }

    private float[] mean(double[] sums) {
      float[] means = new float[sums.length];
      for (int c = 0; c < means.length; c++) {
        means[c] = (float) (sums[c] / count);
      }
      return means;
    }
  }
}
