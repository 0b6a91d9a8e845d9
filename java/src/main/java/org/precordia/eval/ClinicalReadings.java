// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.eval.clinical.BeatReader;
import org.precordia.eval.clinical.RecordReading;
import org.precordia.eval.clinical.TrueBeats;

/**
 * Reads the clinical measures of record after record and row after row. A record's signals are
 * reduced to its measures at once; the recorded leads are measured once for all rows.
 */
final class ClinicalReadings {
  private final Shard shard;
  private final BeatReader reader;
  private final Map<Integer, TrueBeats> beats = new LinkedHashMap<>();
  private final Map<String, Map<Integer, RecordReading>> rows = new LinkedHashMap<>();

  ClinicalReadings(Shard shard) {
    this.shard = shard;
    this.reader = new BeatReader(shard.rate());
  }

  /** Adds a row, whose records the result takes. */
  Consumer<RecordTrace> row(String name) {
    Map<Integer, RecordReading> readings = new HashMap<>();
    rows.put(name, readings);
    return trace ->
        readings.put(
            trace.index(),
            reader.read(
                beats.computeIfAbsent(trace.index(), index -> find(trace)), trace.reconstructed()));
  }

  private TrueBeats find(RecordTrace trace) {
    float[] two = shard.millivolts(trace.index())[Lead.INDEPENDENT.indexOf(Lead.II)];
    double[] wide = new double[two.length];
    for (int t = 0; t < wide.length; t++) {
      wide[t] = two[t];
    }
    return reader.find(wide, shard.record(trace.index()).rPeaks(), trace.truth());
  }

  /** What became of all records' beats. */
  TrueBeats.Counts counts() {
    return beats.values().stream()
        .map(TrueBeats::counts)
        .reduce(TrueBeats.Counts.NONE, TrueBeats.Counts::plus);
  }

  /** The readings of each row by the record's index. */
  Map<String, Map<Integer, RecordReading>> rows() {
    return rows;
  }
}
