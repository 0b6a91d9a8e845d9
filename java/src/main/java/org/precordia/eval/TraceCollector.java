// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.function.Consumer;
import org.precordia.data.Shard;
import org.precordia.model.OverlapAdd;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;

/** Joins the windows that a runner computes to records, which come one after the other. */
final class TraceCollector {
  private final Shard shard;
  private final int targets;
  private final int window;
  private final Consumer<RecordTrace> consumer;
  private int index = -1;
  private OverlapAdd truth;
  private OverlapAdd reconstructed;

  /**
   * @param targets number of target leads
   * @param window samples of a window
   * @param consumer receives each record once all of its windows have come
   */
  TraceCollector(Shard shard, int targets, int window, Consumer<RecordTrace> consumer) {
    this.shard = shard;
    this.targets = targets;
    this.window = window;
    this.consumer = consumer;
  }

  void add(WindowRunner.Batch batch) {
    float[] recorded = batch.targets();
    float[] output = batch.output();
    for (int i = 0; i < batch.count(); i++) {
      WindowRef ref = batch.windows().get(i);
      if (ref.record() != index) {
        finish();
        begin(ref.record());
      }
      truth.add(ref.start(), recorded, i * window * targets);
      reconstructed.add(ref.start(), output, i * window * targets);
    }
  }

  private void begin(int record) {
    index = record;
    int length = shard.record(record).length();
    truth = new OverlapAdd(length, targets, window);
    reconstructed = new OverlapAdd(length, targets, window);
  }

  /** To be called after the last window. */
  void finish() {
    if (index >= 0) {
      consumer.accept(new RecordTrace(index, leads(truth), leads(reconstructed)));
      index = -1;
    }
  }

  private double[][] leads(OverlapAdd joined) {
    double[][] leads = new double[targets][];
    for (int lead = 0; lead < targets; lead++) {
      leads[lead] = joined.lead(lead);
    }
    return leads;
  }
}
