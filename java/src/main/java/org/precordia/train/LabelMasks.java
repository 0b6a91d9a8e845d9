// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;

/**
 * The labels of a shard's records, in the bits of a network's vocabulary: the codes that occur
 * among the records that are learned from.
 *
 * @param vocabulary code of each bit
 * @param masks {@code [record][words]} for all records of the shard
 */
record LabelMasks(List<String> vocabulary, long[][] masks) {
  /** NORM, MI, STTC, CD, HYP; a data set may have others behind them. */
  private static final int SUPERCLASSES = 5;

  /**
   * Collects vocabulary and masks.
   *
   * @param learning records that are learned from
   * @param source the record whose labels each record bears
   */
  static LabelMasks of(Shard shard, int[] learning, Recipe.Labels labels, int[] source) {
    List<String> names = names(shard, labels);
    int codes = names.size();
    boolean[] occurs = new boolean[codes];
    for (int record : learning) {
      long[] mask = mask(shard.record(source[record]), labels);
      for (int bit = 0; bit < codes; bit++) {
        occurs[bit] |= has(mask, bit);
      }
    }
    List<String> vocabulary = new ArrayList<>();
    int[] bitOf = new int[codes];
    for (int bit = 0; bit < codes; bit++) {
      bitOf[bit] = occurs[bit] ? vocabulary.size() : -1;
      if (occurs[bit]) {
        vocabulary.add(names.get(bit));
      }
    }
    int words = Math.max(1, (vocabulary.size() + Long.SIZE - 1) / Long.SIZE);
    long[][] masks = new long[shard.records()][words];
    for (int i = 0; i < masks.length; i++) {
      long[] mask = mask(shard.record(source[i]), labels);
      for (int bit = 0; bit < codes; bit++) {
        if (bitOf[bit] >= 0 && has(mask, bit)) {
          masks[i][bitOf[bit] / Long.SIZE] |= 1L << bitOf[bit];
        }
      }
    }
    return new LabelMasks(List.copyOf(vocabulary), masks);
  }

  private static List<String> names(Shard shard, Recipe.Labels labels) {
    return labels == Recipe.Labels.SUPERCLASS
        ? shard.superclasses().subList(0, Math.min(SUPERCLASSES, shard.superclasses().size()))
        : shard.labels();
  }

  /** Whether a record has a label of the vocabulary. */
  boolean has(int record, int bit) {
    return has(masks[record], bit);
  }

  private static boolean has(long[] mask, int bit) {
    return (mask[bit / Long.SIZE] >>> bit & 1) != 0;
  }

  private static long[] mask(ShardRecord record, Recipe.Labels labels) {
    return switch (labels) {
      case DIAGNOSTIC, SHUFFLED -> record.labels();
      case CERTAIN -> record.certainLabels();
      case SUPERCLASS -> new long[] {record.superclasses()};
    };
  }
}
