// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.interpretation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;
import org.precordia.eval.embedding.EmbeddingResult.ClassMean;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Predictor;
import org.precordia.model.RecordLeads;
import org.precordia.runtime.Stream;

/**
 * Asks a network what the reconstruction of a record depended on, in the window nearest to the
 * record's middle: which samples of the inputs (occlusion), and what h does (moved along class
 * means). The stem has no gradient of its input, and differences of finite size need none: they are
 * the same for every network.
 */
public final class Interpreter implements AutoCloseable {
  private static final int LARGEST_BATCH = 64;
  private static final String NORMAL = "NORM";

  /** With fewer records a class has no mean that says much. */
  private static final int FEWEST_RECORDS = 20;

  private final Shard shard;
  private final Predictor predictor;
  private final NetworkConfig network;

  /**
   * @param shard the data; must stay open meanwhile
   * @param model the network
   * @param precision storage of activations
   */
  public Interpreter(Stream stream, Shard shard, ModelFile model, Precision precision) {
    this.shard = shard;
    this.network = model.metadata().network();
    this.predictor = new Predictor(stream, model, LARGEST_BATCH, precision);
  }

  /**
   * Interprets a record.
   *
   * @param index the record
   * @param means where h lies for each superclass
   * @return nothing where the record has no usable window
   */
  public Optional<Interpretation> interpret(int index, List<ClassMean> means) {
    ShardRecord record = shard.record(index);
    int middle = (record.length() - network.window()) / 2;
    Optional<Integer> chosen =
        Arrays.stream(Windows.forEvaluation(shard, new int[] {index}).starts())
            .boxed()
            .min(Comparator.comparingInt(start -> Math.abs(start - middle)));
    return chosen.map(start -> interpret(record, start, means));
  }

  private Interpretation interpret(ShardRecord record, int start, List<ClassMean> means) {
    float[][] leads = RecordLeads.millivolts(shard, record.index(), network.inputs());
    int length = network.window();
    float[] window = new float[length * leads.length];
    double[][] signals = new double[leads.length][length];
    for (int i = 0; i < window.length; i++) {
      window[i] = leads[i % leads.length][start + i / leads.length];
      signals[i % leads.length][i / leads.length] = window[i];
    }
    List<Integer> peaks =
        Arrays.stream(record.rPeaks())
            .filter(peak -> peak >= start && peak < start + length)
            .mapToObj(peak -> peak - start)
            .toList();
    return new Interpretation(
        record.id(),
        start,
        shard.rate(),
        network.inputs(),
        network.targets(),
        signals,
        peaks,
        Occlusion.of(predictor, window),
        directions(window, means));
  }

  /** Along the means of superclasses that have records enough, from that of normal ones. */
  private List<ClassDirection> directions(float[] window, List<ClassMean> means) {
    Optional<ClassMean> normal =
        means.stream().filter(mean -> mean.superclass().equals(NORMAL)).findFirst();
    if (!network.pathology() || normal.isEmpty()) {
      return List.of();
    }
    float[] h = predictor.predict(window).h();
    List<ClassDirection> directions = new ArrayList<>();
    for (ClassMean mean : means) {
      if (mean != normal.get() && mean.records() >= FEWEST_RECORDS) {
        List<double[][]> outputs = new ArrayList<>();
        for (double step : ClassDirection.STEPS) {
          outputs.add(leads(predictor.predict(window, moved(h, normal.get(), mean, step))));
        }
        directions.add(new ClassDirection(mean.superclass(), outputs));
      }
    }
    return directions;
  }

  private static float[] moved(float[] h, ClassMean from, ClassMean to, double step) {
    float[] moved = h.clone();
    for (int c = 0; c < h.length; c++) {
      moved[c] += (float) (step * (to.h()[c] - from.h()[c]));
    }
    return moved;
  }

  private double[][] leads(float[] output) {
    int targets = network.targets().size();
    return IntStream.range(0, targets)
        .mapToObj(
            target ->
                IntStream.range(0, network.window())
                    .mapToDouble(t -> output[t * targets + target])
                    .toArray())
        .toArray(double[][]::new);
  }

  @Override
  public void close() {
    predictor.close();
  }
}
