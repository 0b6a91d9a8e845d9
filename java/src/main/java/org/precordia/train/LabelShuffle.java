// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.signal.Philox;

/**
 * Gives every training patient the labels of another one: how often each set of labels occurs stays
 * as it is, what it says about the signal is lost. Patients are exchanged among those with as many
 * records, in one cycle, so that a patient's records bear the labels of one other patient; the
 * records of those who are alone with their number are exchanged among each other. What is learned
 * from and what is held out are shuffled apart.
 */
final class LabelShuffle {
  /** Names this stream among those of a seed. */
  private static final int STREAM = 0x53484C42;

  private LabelShuffle() {}

  /**
   * The record whose labels each record of the shard bears; its own, where it is not trained on.
   */
  static int[] sources(Shard shard, PatientSplit split, long seed) {
    int[] sources = IntStream.range(0, shard.records()).toArray();
    exchange(shard, split.learning(), sources, new Philox(seed, 0, 0, STREAM));
    exchange(shard, split.inner(), sources, new Philox(seed, 0, 1, STREAM));
    return sources;
  }

  private static void exchange(Shard shard, int[] records, int[] sources, Philox random) {
    Map<Integer, List<Integer>> byPatient =
        IntStream.of(records)
            .boxed()
            .collect(Collectors.groupingBy(shard::patientOf, TreeMap::new, Collectors.toList()));
    Map<Integer, List<List<Integer>>> bySize =
        byPatient.values().stream()
            .collect(Collectors.groupingBy(List::size, TreeMap::new, Collectors.toList()));
    for (List<List<Integer>> patients : bySize.values()) {
      if (patients.size() > 1) {
        cycle(patients, sources, random);
      }
    }
    List<List<Integer>> alone =
        bySize.values().stream()
            .filter(patients -> patients.size() == 1)
            .flatMap(patients -> patients.getFirst().stream())
            .sorted(Comparator.naturalOrder())
            .map(List::of)
            .toList();
    cycle(alone, sources, random);
  }

  /** One cycle through all: nobody keeps their own (Sattolo 1986). */
  private static void cycle(List<List<Integer>> owners, int[] sources, Philox random) {
    int[] order = IntStream.range(0, owners.size()).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    for (int i = 0; i < order.length; i++) {
      List<Integer> own = owners.get(i);
      List<Integer> other = owners.get(order[i]);
      for (int k = 0; k < own.size(); k++) {
        sources[own.get(k)] = other.get(k);
      }
    }
  }
}
